"""Words that nearly every English comment has one of, and those too short for the dictionary.

Written from the grammar books' closed classes (pronouns, auxiliaries, prepositions, conjunctions,
question words), what readers write in two words (thanks, agreement, dispute, swearing), and the
usual words of two or three letters, interjections and misspellings, which no dictionary tells
from other languages' words.
"""

COMMON = frozenset(
    """
    the this that these those they them their theirs there here you your yours yourself u ur she her
    hers his him we our ours us its it's it i'm i've i'd i'll you're you've you'd you'll they're
    they've we're we've he's she's that's there's what's who's let's don't doesn't didn't isn't
    aren't wasn't weren't won't wouldn't can't couldn't shouldn't haven't hasn't hadn't ain't dont
    doesnt didnt isnt wont cant youre thats im ive and but with without from of for about against
    between through during before after above below into onto upon under over again once because
    although though while until unless whether since than then which who whom whose what when where
    why how is are was were been being be am have has had having does did doing will would shall
    should can could may might must ought not nor never nobody nothing none someone somebody
    something anyone anybody anything everyone everybody everything every each few more most other
    others another such only own same too very just now ever always often already still also even
    much many some any both either neither enough quite rather really maybe perhaps however
    therefore yes yeah yep nope ok okay please thanks thank thx sorry hello hi hey bye welcome
    congratulations congrats condolences excuse agree agreed disagree exactly absolutely definitely
    certainly indeed true false right wrong good bad better worse best worst great nice well bravo
    excellent wonderful beautiful amazing awesome terrible awful horrible lovely funny sad happy
    angry interesting boring important different new old big small long short high low first last
    next early late young free full hard easy strong weak poor rich dead alive love loved loves hate
    hates hated like likes liked want wants wanted need needs needed know knows knew known think
    thinks thought say says said saying tell tells told ask asks asked see sees saw seen look looks
    looking find found give gives gave given take takes took taken get gets got getting go goes
    going gone went come comes came coming make makes made making let put keep keeps kept leave left
    feel feels felt seem seems mean means meant believe believes read reads reading write writes
    wrote written writing hear heard stop start wait try trying help work works working worked live
    lives living lived die died dying dies kill kills killed killing shoot shot hang burn fight win
    won lose lost pay paid buy sell sold vote votes voted voting talk talking speak play run show
    shows use uses used call calls called happen happened happens people man men woman women child
    children boy girl person friend friends family mother father brother sister son daughter wife
    husband house home school day days year years today tomorrow yesterday week month time times
    night morning world country countries city town street road government president minister party
    election elections war wars peace army soldier soldiers police law court news article articles
    author comment comments newspaper paper press journalist journalists media report reporting
    story question answer reason point opinion truth fact facts lie lies liar money price prices tax
    taxes job jobs food water life death god thing things way lot bit kind part side end one two
    three four five ten hundred thousand million back up down out off away around together alone
    later soon ago shut idiot idiots stupid moron fool clown loser trash garbage disgusting pathetic
    shame disgrace traitor traitors enemy coward dog dogs pig pigs rat rats scum vermin thief
    thieves fuck fucking fucked fuckin shit shitty bullshit crap ass asshole bitch bastard damn hell
    dick cunt whore screw suck sucks dumb dumbass ugly sick crazy nonsense lol lmao wtf omg stfu
    gtfo wow haha hahaha heh rip finally typical freedom excuses kidding details utter insightful
    silly smart clever simple simply clear clearly obvious obviously honest honestly serious
    seriously surely sure perfect brilliant fantastic impressive cheers respect support supports
    protect protects protest protests deal deals treaty border borders prisoner prisoners weapon
    weapons bomb bombs bombed bombing attack attacks attacked threat threats killer killers murder
    murderer murderers murdered victims terrorist terrorists refugees migrants immigrants muslims
    christians jews jewish christian armenian armenians russian russians turkish turks georgian
    georgians iranian iranians ukrainian ukrainians american americans israeli israelis kurds
    kurdish azerbaijani azerbaijanis arabs european british french greek greeks chinese indian
    gypsies lesbians foreigners europe russia turkey church children's west western east eastern
    north northern south southern land lands homeland history power strength brave courage heroes
    cowards liars politicians politician leader leaders leadership corrupt corruption steal stole
    stolen cheat cheats worthless useless hopeless ridiculous delusional ignorant ignorance
    brainless clueless hypocrite hypocrites hypocrisy propaganda troll trolls sheep snake snakes
    animals savages barbarians filthy filth dirty dirt drop eat cry piss wanker bloody goddamn jerk
    jackass arsehole assholes bitches bastards bless lord justice guilty innocent lawyer jail prison
    resign resigned ruin ruins ruining destroy destroys destroyed save saved saving watch watching
    waiting hope hopes hoping wish wishes dream dreams independence independent join joined leaving
    cutting cut correct spelling entire interview everywhere nowhere somewhere bang pure waste
    wasted bunch pile load source sources link email website page act add age aid aim air ale arm
    art awe axe bag ban bar bat bay bed bee beg bet bid bin bow box bro bud bug bum bun bus cab cap
    car cat cop cow cub cue cup dad dam deb dee dig dim dip doc dot dry due dug dye ear egg ego elf
    era eve eye fad fag fan fat fax fed fee fit fix flu fly foe fog fox fry fun fur gag gap gas gay
    gem gin gum gun gut guy gym hat hay hen hid hip hit hog hop hot hug hum hut ice icy ill ink inn
    ivy jab jam jar jaw jet jew joy jug keg kid kit lab lad lag lap lay leg lid lip lit log mad map
    mat mob mom mop mud mug mum nan nap nut oak oil opt orb owe owl pad pal pan pat pea pen pet pie
    pin pit ply pod pop pot pro pub pup rag ram ran rap raw ray red rib rid rig rob rod rot row rub
    rug rum sat sex shy sin sip sir sit six ski sky sly sob sod sow soy spa spy sub sue sum sun tab
    tag tan tap tar tea tee tie tin tip toe top tow toy tub tug van vet via wax web wed wee wet wig
    wit woe yay yea yet yup zip zoo sis nah meh ugh huh hmm hm duh aww aw btw imo imho fyi tbh smh
    ftw idk omfg jeez geez um uh em gonna wanna gotta dunno kinda sorta outta lotta cuz coz tho thru
    nite oh ah ha ho yo hee haw ooh ohh ahh eek ouch oops whoa yikes mr mrs dr st vs tv uk eu un pm
    pc id ad ie eg etc re jim jay liz tom tim joe bob ron don ted ken dan sam ben max amy kim ann
    pam lee roy leo ian meg kay hillary bernie donnie mccain trudeau putin obama biden snowflake
    snowflakes libtard libtards repubs dems msm potus maga antifa whatta whatcha gotcha betcha dude
    dudes guy's y'all yall wuz gov't govt ppl plz pls bout cause nuff enuff sez yer thier teh adn
    alot arent wouldnt couldnt shouldnt havent hasnt hadnt theyre theyve theyll youve youll whats
    whos hes shes wheres heres lets con pas vos odd nay cal ms ps jr sr ex aka usa rep bs bc boo eh
    gee wah yuk hoo hah tsk pfft psst sheesh dammit goddammit jeezus damnit wth ffs bla blah yada
    woo woot whee ow ack argh aargh grr brr shh mmm zzz ay aye nix nil pox rut sac sap sew sim spat
    sup tic tit tot yak yam yap yaw yore fib fin fir gob gal gel gnu hem hex hob hod hoe hue imp ion
    ire irk jot jut key kin lea leek lob lop lug mar maw mew mid nag nib nip nun oar oat ode paw pee
    pep peg pew pip pry pun pus rad raj rev roe rook rue rye sag sea shod sop spud tad tat til tor
    tut urn vex vow wad wag wan wry yen zap zig jon ned gus abe sid vic gail a i an in on at to by
    or as if so no do my me he all per far net
    """.split()
)
