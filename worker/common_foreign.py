"""Words that give away a language other than English, as they are typed without diacritics.

Written from the grammar books' closed classes (pronouns, particles, question words, the verb "to
be"), and from what is shouted in the street, in the spellings that a keyboard without the alphabet
brings forth. English has some of the former too, such as "die" and "her": those say nothing by
themselves.
"""


def _words(*lists: str) -> frozenset[str]:
    return frozenset(word for words in lists for word in words.split())


_ARMENIAN = """
    yes em es e enq eq en ei eir er einq eiq ein chem ches che chenq cheq chen chei cheir cher du
    duq menq menk na nranq nranc nra nran nrank mez dzez dzer qez kez qo ko im indz inds mer iren
    irenc sa sranq ays ayd ayn ayspes aydpes aynpes inch inchu inchi inchpes vonc vonts vortex
    vortegh ovqer um erb yerb vor vori vorin vorpes vorovhetev vortev kam bayc bayts isk ev yev u
    el al chi piti petq petk karox karogh kareli uzum chuzum asum asel asem asi gnum gnaceq gna
    gnacel ari ekeq tesa tesnum gitem gites giti chgitem haskanum linum lini linel exav eghav kar
    ka chka kan chkan unem unes uni unenq unen shat lav vat mi mek meky mekn amen amenq bolor
    bolory bolord bolorin bolorit bolorid miayn menak hima himi aysor vaghy vaghva yerek erek heto
    minchev mot mej vra tak hamar masin het ara axper aper jan dzan aziz tsavd barev barlus
    shnorhakal shnorhakalutyun merci apres apreq aferim ayo voch vochinch vochmi mard mardik mardy
    mardu kin kanayq tgha txa tghen aghjik axchik erexa yerekha erexek mayr hayr papik tatik azg
    azgy azgi hay hayer hayeri hayastan hayastani hayastanum hayrenik turq turqer turqi rus ruser
    petutyun kaghaqakan kaghak tun tany hoghy arajin verjin nor hin mec poqr chisht sxal haskaca
    kartsum karcum hodvats hodvac xaghaghutyun paterazm zinvor astvats asttsu khosum xosum xosi
    xosa lseq lsum grum grel kardacel gtel tvel arel anum anen anes ani stor esh
"""
_RUSSIAN = """
    ya ty ti vy vi on ona ono oni my mi menya mne mnoy tebya tebe toboy ego yego ee yeyo eyo nas
    nam nami vas vam vami ih ikh im imi moy moi moya moe moyo tvoy tvoi tvoya tvoe nash nasha
    nashi nashih nashego vash vasha vashi vashih svoy svoi svoya svoyu svoe svoego etot eta eto
    eti etih etogo etomu etom tot ta te togo tomu takoy takoi takaya takie takih kto kogo komu
    chto cto shto chego chemu chem kak kakoy kakoi kakaya kakie gde kuda otkuda kogda pochemu
    zachem skolko kotoryi kotorye kotoraya ne net ni da nu zhe je uzhe uje esche eshche escho eshe
    tolko tozhe toje takzhe ochen mozhno mojno nuzhno nujno nado nelzya budet budu budem budete
    budesh byl byla bylo byli est yest esli chtoby chtob potomu poetomu ili no a i ved dazhe daje
    vot tam tut zdes syuda suda seychas seichas teper segodnya zavtra vchera vsegda nikogda opyat
    snova nikto nichego nikomu vse vsyo vseh vsem vsego ves vsya sam sama sami samyi odin odna
    odni dva bolshe menshe luchshe huzhe huje horosho xorosho ploho pravda pravilno spasibo
    pozhaluista pozhaluysta privet zdravstvuite zdravstvuyte izvinite konechno mozhet mojet mogut
    mogu hochu hochet hotite znayu znaet znaete dumayu govorit govoryat skazal skazali pishet
    pishete pishut delat delaet zhit zhivet zhivesh idi idite poshel poshla poshli davai davay
    lyudi ludi lyudei chelovek narod narodu strana strany strane gorod goroda rebyata druzya
    muzhik baba zhenshchina deti statya statyu statja avtor gazeta voina voyna vlast vlasti dlya
    pri bez posle pered mezhdu cherez potom prosto voobshche voobshe hot hotya takoe takogo bog
    boga bogu slava delo dela zhizn god goda let vremya moego tvoego ot iz ob pod nad za so po vo
    ko do mnogo malo nemnogo navernoe soglasen soglasna interesno zhdem zhdu russkie russkih
    russkiy armyane armyan turki turok hui huy suki mraz baran
"""
_UKRAINIAN = """
    vin vona vono vony mene meni tebe tobi yogo yiyi yikh nas vas tsey tsya tse tsi ce cey shcho
    sho scho yak yaka yakyi yaki koly chomu navishcho tut tam duzhe dyzhe bud buty bula bulo buly
    budut tilky tilki ale abo yaksho yakshcho takozh vzhe dyakuyu dyakuju pryvit bilshe krashche
    treba mozhna nemae nemaye hto khto nikhto nichogo zavzhdy sohodni sogodni lyudy ludyna krayina
    kraina ukrayina ukraini ukrayiny robyty kazaty znayu hochu mayu maye
"""
_PERSIAN_ARABIC = """
    shoma ishan anha inha chera kojast koja chetor chetori mishe nemishe mikonam mikoni mikone
    mikonand nist hastam hasti hastand nistam mardom khoda khodaya mamnun mamnoon merci salam
    kheyli kheili bayad nabayad baraye hameh hamash digeh dige bache zan mard dorost ghalat khoob
    bood boodam nabood migam migi mige enta enti inta inti howa hiya ehna ihna intu mesh mish msh
    keda kida leh leish wallah wallahi walla yalla habibi shukran ya3ni ya3ne 7abibi 3ala 3an
    inshallah mashallah ana kuni kalb
"""
_TURKISH = """
    ben sen o biz siz onlar bana sana ona bize size onlara beni seni onu bizi sizi onlari benim
    senin onun bizim sizin onlarin bende sende bunu sunu bunlar bunlari bunlarin su bu ne neden
    nasil nerede nereye nerde niye kim kime kimse kimi hangi kac kadar gibi icin ile ve veya ya
    ama fakat lakin ancak cunku eger ki de da mi mu misin musun misiniz degil degilim degilsin
    degiller var yok vardi yoktu olan olmus olmak olur olsun oldu olacak olmaz olsa oluyor bir iki
    birisi birsey bisey hersey herkes herkese hep hepiniz hepsi hepsini hic hicbir cok daha en az
    fazla sadece bile yine gene artik simdi sonra once bugun yarin dun zaman burada burasi orada
    surada boyle soyle oyle evet hayir tamam tesekkur tesekkurler sagol sagolun lutfen merhaba
    selam selamlar gunaydin abi abla kardesim hocam arkadas arkadaslar adam adamlar kadin cocuk
    cocuklar insan insanlar insanlari millet vatan ulke ulkemiz ulkede turkiye turk turkler turkun
    allah allahin insallah masallah bence sence galiba belki tabi tabii zaten hala iyi kotu guzel
    buyuk kucuk yeni eski dogru yanlis yazi yazar haber haberin gazete diyor diyorsun dedi diye
    demek yap yapma yapiyor yapiyorsunuz git gidin gel gelin bak bakin oku okudun bilmiyor biliyor
    bilen istiyorum lazim hadi haydi kendi kendini seyi seyler icinde uzerine oglum kizim anne
    annene baba babana bakalim acaba
"""
_GERMAN = """
    ich du er sie es wir ihr mich mir dich dir ihn ihm uns euch ihnen mein meine meiner meinen
    meinem dein deine deiner deinen deinem sein seine seiner seinen seinem ihre ihrer ihren ihrem
    unser unsere unserem unseren euer eure eurer euren der die das den dem des ein eine einer
    einen einem eines kein keine keiner keinen keinem dieser diese dieses diesen diesem jeder jede
    jedes solche solcher welche welcher und oder aber denn weil dass wenn als ob auch noch schon
    nur sehr nicht nichts nie niemals immer wieder mal doch ja nein bin bist ist sind seid war
    warst waren wart wird werden wurde wurden haben habe hast hat habt hatte hatten haette wuerde
    kann kannst koennen koennt konnte muss musst muessen will willst wollen wollt soll sollen
    sollte darf duerfen mag moechte mit von zu zum zur bei beim nach aus auf fuer gegen ohne durch
    ueber unter vor hinter neben zwischen im ins am vom was wer wen wem wie wo wann warum wieso
    weshalb woher hier dort da dann jetzt heute morgen gestern damals leider bitte danke gut gute
    guten besser schlecht mehr weniger viel viele alle alles allen allem man jemand niemand selbst
    so ganz gar echt halt eben wohl sowas solchen leute menschen mensch mann frau kinder land
    unseres geht gehen geh gehoert macht machen mach sagt sagen weiss wissen glaube denke stimmt
    einfach endlich artikel autor zeitung zurueck weg raus fur uber konnen mussen durfen mochte
    zuruck gehort penner
"""
_FRENCH = """
    je tu il elle nous vous ils elles le la les un une des du de et ou mais donc que qui quoi dont
    ne pas plus rien jamais toujours dans sur avec sans pour par chez entre ce cet cette ces mon
    ma mes ton ta tes son sa ses notre nos votre vos leur leurs est sont suis es sommes etes ete
    etait ai as a ont avez avons fait faire dit dire va vont tout tous toute toutes bien tres trop
    aussi comme quand comment pourquoi parce alors encore meme moi toi lui eux merci oui non gens
    pays c'est j'ai n'est qu'il d'un d'une
"""
_SPANISH_AND_PORTUGUESE = """
    el los las una unos unas y o pero que quien como cuando donde porque no ni muy mas menos todo
    todos toda todas nada nadie nunca siempre yo tu ella nosotros ustedes ellos ellas me te se lo
    le les nos mi mis tus su sus este esta estos estas ese esa eso es son soy eres somos fue era
    estan estoy hay tiene tienen tengo hace hacer con sin por para del al en sobre entre hasta
    desde si ya tambien aqui bien gracias gente pais ano anos eu voce voces ele ela eles elas nao
    sim um uma uns umas os as dos das da na nas ao pelo pela com sem ou quem onde quando muito
    mais tudo sempre meu minha seu sua isso isto esse essa sao foi tem ter ser fazer obrigado
"""
_ITALIAN = """
    io lui lei noi voi loro il lo gli la le un uno una di del della dei delle da dal nel nella con
    su per tra fra e ed ma che chi cosa come quando dove perche non piu niente mai sempre sono sei
    siamo siete era ho hai ha abbiamo hanno fare fatto questo questa quello quella questi tutti
    tutto anche molto bene grazie gente paese anni
"""
_DUTCH = """
    ik jij je hij zij wij jullie het een de en of maar dat die deze dit wie wat waar wanneer
    waarom hoe niet geen nooit altijd van voor met naar aan op uit bij over door zijn ben bent
    heeft hebben wordt worden kan moet moeten mijn jouw onze hun nog ook wel zo heel goed mensen
"""
_POLISH = """
    ja ty on ona ono my wy oni one jest sa jestem jestes byl byla bylo byly bedzie nie tak to ten
    ta te tego tej tym ktory ktora ktore co kto gdzie kiedy dlaczego jak czy ale albo bo ze zeby
    sie na do od dla przez przy nad pod bez juz jeszcze tylko bardzo moze mozna trzeba mnie mi
    ciebie ci jego jej nas nam was wam ich im ludzie dzieki
"""
_IN_ENGLISH = """
    ai al aus aziz cher co com con ed et hai ja jan las los met mir nel non nra op pas ter ton vos
    wat ya
"""
"""What stands in English comments as well: et al., Los Angeles, con man, op-ed, NRA."""

_IN_LATIN = _words(_TURKISH, _GERMAN, _FRENCH, _SPANISH_AND_PORTUGUESE, _ITALIAN, _DUTCH, _POLISH)
ROMANISED = _words(_ARMENIAN, _RUSSIAN, _UKRAINIAN, _PERSIAN_ARABIC) - _IN_LATIN
"""Of languages that have an alphabet of their own: no model is known to read them in this one."""

FOREIGN = (ROMANISED | _IN_LATIN) - _words(_IN_ENGLISH)
"""Those that give another language away, whichever it is."""

_ABUSE_ARMENIAN = """
    apush apushner apushi himarner eshi avanak avanakner txmar tkhmar anasun anasunner davachan
    davachanner davatchan lakot lakoter lkti srika srikaner vordi qacana tsax tsaxvats tsaxvac
    caxvats bozi bozer bozeri bozitxa klir qunem qunel qunac qunats kunem kunac klinem goxer grohi
    grohy poxkapvats traitsner xaytarak khaytarak lrbi anamot anamotner oxormi vochxar vochxarner
    vaxkot satkes satkeq satken satkem kspanem kspanenq spanem zibil chatlax chatlakh aboosh abush
    ablah tzoon kakem qaqem qaq glxiq dmbo dmbul xuzhan xuligan kapik kapikner ishak eshner mernes
    merneq satki satkacnem satkacru zzveli zzvelis korir korek tsetsem tsetsenq kcetsem chardem
    hogit qyartu kyartu kyart anbari anbaruner vijvatsq anpetq txmarner shnik shnavari xelagar
    xelagarner gzhvac gzhvats anxelq anxelqner storaqarsh dzeragrox zzvanq anasnutyun
"""
_ABUSE_RUSSIAN = """
    durak duraki durakov debil debily idioty idiotka suka suku sukin blyat blyad blyadi bliat
    blyadskiy pizda pizdec pizdets pizdet huya huynya huinya hueta nahui nahuy nahuya pohui pohuy
    xuy xuj xui naxuy naxui khuy khui ebat ebal ebanyi ebanye ebanyy yebat yobany yebany zaebal
    zaebali mudak mudaki mudila gandon gondon kozel kozly kozyol tvar tvari mrazi gnida gnidy
    padla padly svoloch svolochi urod urody uroda ublyudok ublyudki ubludki ublyudkov pidor pidory
    pidar pidaras pidarasy pidorasy chmo chmoshnik churka churki churok hach hachi khachi khach
    zhid zhidy zhidov jidy khohol hohol hohly khokhly hohlov moskal moskali sdohni sdohnite sdoh
    sdokhni zdohni zatknis zatkni gavno govno gavna govna dermo dermoed shlyuha shluha shlyukha
    shlyuhi prostitutka prodazhnye prodazhnaya predatel predateli tupoy tupoi tupaya tupye bydlo
    skotina skoty nedoumok dolboeb dolboyob dolbaeb ublyudka suchka suchki zhopa zhope zhopu zhopy
    jopa ubyu ubyom ubit kretin kretiny blya bliad blyadina podonok podonki podonkov podlets
    podlec negodyay negodyai merzavets merzavec merzavcy gadina gady lohi lokhi loshara debilnyi
    suchara shmara shalava osel osly svinya svini huesos huilo khuilo huylo vatnik vatniki ukropy
    rusnya rashist rashisty orki chernozhopyi zhidovskaya obosralsya govnyuk govnoed zaebis otvali
    otebis zatknites nahrena kozlina kozlyna ubogii ubogiy ubogie imbecil imbecily slaboumnyi
    dibil dibily urodina urodka sdokhnite podohni podohnite durilka pizdabol pizdobol pizdyuk
    razebai razebay ohuel oxuel ohueli oxueli ebalo ebanat ebanaty yobnutyi ebnutyi nigery negry
    chernomazyi
"""
_ABUSE_UKRAINIAN = """
    durnyi duren bidlo lajno pokydok kurva kurvy huylo hivno gimno layno padlyuka padlyuky merzota
    potvora dovboyob
"""
_ABUSE_PERSIAN_ARABIC = """
    kuskesh koskesh kosekhar koskhol jende jendeh kooni koonkesh haroomzadeh haramzadeh pedarsag
    pedarsagh bisharaf bishoor bishour ahmagh khafeh khafesho sharmuta sharmouta sharmoota kosomak
    kosomk kosommak khawal khawwal manyak manyook 7mar 5awal
"""
_ABUSE_TURKISH = """
    aptal aptallar aptalsin aptallik salak salaksin gerizekali gerizekalilar serefsiz serefsizler
    serefsizin serefsizlik orospu orospular orospunun orospucocugu amk amq aminakoyim amcik siktir
    siktirgit sikerim sikeyim sikik sikiyim piclik pickurusu kahpe kahpenin gavat pezevenk ibne
    ibneler yavsak yavsaklar gotveren dangalak mankafa beyinsiz beyinsizler hain hainler hainsiniz
    haini hainleri namussuz namussuzlar ahlaksiz ahlaksizlar haysiyetsiz soysuz soysuzlar
    soysuzlarin kopek kopekler kopegin esek esekler essek esekoglu okuz hayvan hayvanlar hayvansin
    domuz geber gebersin geberin gebertmek kafir kafirler gavur gavurlar defol defolun belani
    manyaksin pustlar kaltak surtuk cahil cahiller hirsiz hirsizlar yalanci yalancilar rezil
    rezillik rezalet satilmis dolandirici oldurecegim oldururum embesil embesiller ahmak ahmaklar
    budala budalalar denyo hoduk deyyus kaltaban fahise fahiseler godos dallama dallamalar yarrak
    yarragi yarragimi tasak tasaksiz gotune gotunu sokayim sokarim gerzek gerzekler hiyar hiyarlar
    hiyaragasi oruspu orosbu serefsizsiniz haysiyetsizler vicdansiz vicdansizlar hayasiz arsiz
    yuzsuz yuzsuzler kancik kancikler ibnelik ibneyi amcigi aminakodumun kodumun kodugumun anasini
    avradini sikecegim sikerler sikmek sikiciler gavatlar pezevenkler gebersinler geberecek
    geberesice zibidi zibidiler cibilliyetsiz soytari soytarilar palavraci vatansiz vatansizlar
    hainlik fetocu pkkli
"""
_ABUSE_GERMAN = """
    arschloch arschloecher arschlocher arsch aersche arsche hurensohn hurensoehne huren hure
    schlampe schlampen fotze fotzen wichser wixer schwein schweine schweinehund drecksau
    dreckschwein dreckskerl dreckiger dreckige drecks scheisse scheiss scheisser beschissen
    verpiss verpisst verpissdich fick ficken gefickt fickt fresse deppen trottel vollidiot
    vollidioten vollpfosten idioten dummkopf dummkoepfe dummes dummer schwachkopf schwachkoepfe
    schwachsinn hohlkopf hohlkoepfe spast spasti spasten missgeburt missgeburten mistkerl
    miststueck miststuck mistvieh kanake kanaken kanacke neger zigeuner judensau judenschwein
    judenpack untermenschen ungeziefer abschaum gesindel luegner lugner verraeter verrater
    betrueger betruger verbrecher volksverraeter luegenpresse schmierfink schmierfinken bloedmann
    bloede blode bloeder bloder bloedes strohdumm hirnlos hirnlose hirnloser widerlich widerliches
    krepier krepiert verrecke verreck verrecken vergasen aufhaengen aufhangen umbringen abstechen
    schwuchtel schwuchteln tunte drecksack saukerl nutte nutten arschgeige arschgesicht hackfresse
    vollhorst armleuchter rindvieh hornochse trotteln bastarde lumpenpack drecksloch kotzbrocken
    nazischwein bullenschwein scheissdreck scheisskerl vollspast behindi krueppel kruppel zecken
    kopftuchmaedchen ziegenficker judenschlampe saujude dummschwaetzer dummschwatzer schwaetzer
    idiotin vollidiotin schwachsinniger hirntot hirnverbrannt hirni dumpfbacke flachpfeife
    pappnase knalltuete knalltute klugscheisser arschkriecher verrecker dreckskanake drecksjude
    dreckspack saupack sauhaufen schweinepack wichsen wichst gewichst scheissen scheisst
    scheisshaus volldepp volldeppen dorfdepp dorftrottel halbaffe abgefuckt beschissene
    beschissener verdammter verdammte verfluchter verfluchte
"""
ABUSE = _words(
    _ABUSE_ARMENIAN,
    _ABUSE_RUSSIAN,
    _ABUSE_UKRAINIAN,
    _ABUSE_PERSIAN_ARABIC,
    _ABUSE_TURKISH,
    _ABUSE_GERMAN,
)
"""Words of abuse that no English comment has. One is enough: one word can be the insult."""
