"""Comments of our own, planted under real story pages: what must not pass, and what must.

Written for this test. A few run close to sentences that the bundled model was trained on:
seven share a run of words with one.
"""

PERSONAL_ATTACKS = (
    "Edward, you are a complete moron and should stop embarrassing yourself.",
    "You have the brain of a pigeon, joe, and that insults pigeons.",
    "GB is a liar and a coward who hides behind two letters.",
    "What a pathetic little man you are, petrakian.",
    "Shut up, you ignorant fool, nobody here wants to read your garbage.",
    "You people in this thread are all brainless sheep, starting with you, Ani.",
    "Only an imbecile like you could write something this stupid.",
    "Go back to school, you illiterate clown.",
    "Your mother must be ashamed of having raised such an idiot.",
    "You disgusting hypocrite, you make me sick.",
)
PROFANITY = (
    "This whole peace process is fucking bullshit.",
    "Who gives a shit what Moscow says.",
    "Screw this government and screw their damn lies, bunch of assholes.",
    "What the fuck did they sign this time?",
    "The co-chairs can kiss my ass, and so can the ministry, motherfuckers.",
)
THREATS = (
    "I know where you live, Edward, and I am coming for you tonight.",
    "Keep talking and I will break every bone in your body.",
    "Somebody should put a bullet in your head, joe.",
    "I will find you and I will kill you.",
    "Watch your back when you leave the house, we are waiting for you.",
    "You will burn together with your family, I promise you that.",
)
ATTACKS_ON_A_GROUP = (
    "Turks are animals, every one of them, and should be treated as such.",
    "All Armenians are born thieves and liars.",
    "Muslims do not belong among civilized people.",
    "These migrants breed like rats and should be thrown into the sea.",
    "Jews are behind every war, as always, and they must pay for it.",
    "Women are too stupid to be let anywhere near a negotiation.",
)
OBFUSCATED = (
    "you are such an 1d1ot, joe",
    "what a m o r o n you are",
    "F*ck you and everyone like you",
    "GB is a st\u200bupid id\u200biot",
    "уou аre an idiоt, Edward",  # a few letters are Cyrillic
    "y0u stup1d b!tch",
    "shut the f.u.c.k up",
)
UNREADABLE = (
    "Շնորհակալություն հեղինակին, շատ հետաքրքիր հոդված է։",
    "Դու հիմար ես և քո գրածը աղբ է։",
    "Ես համաձայն չեմ, բայց հարգում եմ ձեր կարծիքը։",
    "Спасибо автору за подробный рассказ, очень интересно.",
    "Ты тупой урод, закрой свой поганый рот.",
    "Все вы там продажные твари.",
    "Bu güzel yazı için teşekkür ederim, çok şey öğrendim.",
    "Sen tam bir aptalsın, kes sesini artık.",
    "Hepiniz hainsiniz, defolun gidin buradan.",
)
BLANK = ("\u2800\u2800\u2800", "\u200b\u200d\u2060", " \u00a0\n")
EMPTY_LOOKING = ("...", "👍", "\u200b.\u200b")
ATTACKS = PERSONAL_ATTACKS + PROFANITY + THREATS + ATTACKS_ON_A_GROUP + OBFUSCATED
SOBER = (
    "Forty soldiers were killed on the line of contact last April, and nobody was held to account.",
    "A nuclear programme would isolate the country and help no one who lives near the border.",
    "The occupation of the seven districts was always going to be the hardest point of the talks.",
    "My grandfather survived the genocide; he never spoke of it until the year he died.",
    "The army shelled two villages overnight, according to the defence ministry.",
    "Bombs fell on the market, and the hospital is running out of blood.",
    "Russia sells weapons to both sides, so it gains from every month without a treaty.",
    "The president's speech was weak, and his policy towards Baku has failed.",
    "I do not trust the co-chairs any more; they have had twenty-five years.",
    "The refugees from 1988 have waited long enough for a home of their own.",
    "Turkey closed the border in 1993 and has never given a good reason for keeping it shut.",
    "He was shot at a checkpoint while he was driving his children to school.",
)
KIND = (
    "Thank you for this article, it explains the background very clearly.",
    "I disagree with you, Edward, but you make a fair point about the pipeline.",
    "Well said, joe. I had not thought of it that way.",
    "Could somebody explain what the Minsk Group has actually achieved?",
    "Greetings from Fresno, and a peaceful new year to all of you.",
    "My Turkish neighbours brought us soup when my mother was ill.",
    "As an Armenian and a Muslim's wife I am proud of both of my families.",
    "Let us wait for the text of the agreement before we judge it.",
    "The minister deserves credit for travelling there himself.",
    "Great reporting. More of this, please.",
)
PUBLISHABLE = SOBER + KIND
