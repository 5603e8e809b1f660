"""Words that give away a language other than English in Latin letters without diacritics.

Written from the grammar books' closed classes (pronouns, particles, question words, the verb "to
be") and from what is shouted in the street, in the spellings that a keyboard without the alphabet
brings forth. What English comments have too, in English or in names, is left out.
"""

_ARMENIAN = """
    yes em es e enq eq en ei eir er einq eiq ein chem ches che chenq cheq chen chei cheir cher
    du duq menq menk na nranq nranc nra nran nrank mez dzez dzer dzez qez kez qo ko im indz inds
    mer iren irenc sa sranq ays ayd ayn ayspes aydpes aynpes inch inchu inchi inchpes vonc vonts
    vortex vortegh ovqer um erb yerb vor vori vorin vorpes vorovhetev vortev kam bayc bayts
    isk ev yev u el al chi piti petq petk karox karogh kareli uzum chuzum asum asel asem asi gnum
    gnaceq gna gnacel ari ekeq tesa tesnum gitem gites giti chgitem haskanum linum lini linel
    exav eghav kar ka chka kan chkan unem unes uni unenq unen shat lav vat mi mek meky mekn amen
    amenq bolor bolory bolord bolorin bolorit bolorid miayn menak hima himi aysor vaghy vaghva
    yerek erek heto minchev mot mej vra tak hamar masin het ara axper aper jan dzan aziz tsavd
    barev barlus shnorhakal shnorhakalutyun merci apres apreq aferim ayo che voch vochinch vochmi
    mard mardik mardy mardu kin kanayq tgha txa tghen aghjik axchik erexa yerekha erexek mayr
    hayr papik tatik azg azgy azgi hay hayer hayeri hayastan hayastani hayastanum hayrenik turq
    turqer turqi rus ruser petutyun kaghaqakan kaghak tun tany hoghy arajin verjin nor hin mec
    poqr chisht sxal haskaca kartsum karcum hodvats hodvac xaghaghutyun paterazm zinvor astvats
    asttsu khosum xosum xosi xosa lseq lsum grum grel kardacel gtel tvel arel anum anen anes ani
"""
_RUSSIAN = """
    ya ty ti vy vi on ona ono oni my mi menya mne mnoy tebya tebe toboy ego yego ee yeyo eyo nas
    nam nami vas vam vami ih ikh im imi moy moi moya moe moyo tvoy tvoi tvoya tvoe nash nasha nashi
    nashih nashego vash vasha vashi vashih svoy svoi svoya svoyu svoe svoego etot eta eto eti etih
    etogo etomu etom tot ta te togo tomu takoy takoi takaya takie takih kto kogo komu chto cto shto
    chego chemu chem kak kakoy kakoi kakaya kakie gde kuda otkuda kogda pochemu zachem skolko
    kotoryi kotorye kotoraya ne net ni da nu zhe je uzhe uje esche eshche escho eshe tolko tozhe
    toje takzhe ochen mozhno mojno nuzhno nujno nado nelzya budet budu budem budete budesh byl byla
    bylo byli est yest esli chtoby chtob potomu poetomu ili no a i ved dazhe daje vot tam tut
    zdes syuda suda seychas seichas teper segodnya zavtra vchera vsegda nikogda opyat snova nikto
    nichego nikomu vse vsyo vseh vsem vsego ves vsya sam sama sami samyi odin odna odni dva bolshe
    menshe luchshe huzhe huje horosho xorosho ploho pravda pravilno spasibo pozhaluista pozhaluysta
    privet zdravstvuite zdravstvuyte izvinite konechno mozhet mojet mogut mogu hochu hochet hotite
    znayu znaet znaete dumayu govorit govoryat skazal skazali pishet pishete pishut delat delaet
    zhit zhivet zhivesh idi idite poshel poshla poshli davai davay lyudi ludi lyudei chelovek narod
    narodu strana strany strane gorod goroda rebyata druzya muzhik baba zhenshchina deti statya
    statyu statja avtor gazeta voina voyna vlast vlasti dlya pri bez posle pered mezhdu cherez
    potom prosto voobshche voobshe hot hotya takoe takogo bog boga bogu slava delo dela zhizn god
    goda let vremya moya moego tvoego ot iz ob pod nad za so po vo ko do
    mnogo malo nemnogo navernoe soglasen soglasna interesno zhdem zhdu nasha russkie russkih
    russkiy armyane armyan turki turok
"""
_UKRAINIAN = """
    vin vona vono vony mene meni tebe tobi yogo yiyi yikh nas vas tsey tsya tse tsi ce cey
    shcho sho scho yak yaka yakyi yaki koly chomu navishcho tut tam duzhe dyzhe bud buty bula
    bulo buly budut tilky tilki ale abo yaksho yakshcho takozh vzhe dyakuyu dyakuju pryvit bilshe
    krashche treba mozhna nemae nemaye hto khto nikhto nichogo zavzhdy sohodni sogodni lyudy
    ludyna krayina kraina ukrayina ukraini ukrayiny robyty kazaty znayu hochu mayu maye
"""
_PERSIAN_ARABIC = """
    shoma ishan anha inha chera kojast koja chetor chetori mishe nemishe mikonam mikoni mikone
    mikonand nist hastam hasti hastand nistam mardom khoda khodaya mamnun mamnoon merci salam kheyli
    kheili bayad nabayad baraye hameh hamash digeh dige bache zan mard dorost ghalat khoob bood
    boodam nabood migam migi mige
    enta enti inta inti howa hiya ehna ihna intu mesh mish msh keda kida leh leish wallah wallahi
    walla yalla habibi shukran ya3ni ya3ne 7abibi 3ala 3an inshallah mashallah ana
"""
_TURKISH = """
    ben sen o biz siz onlar bana sana ona bize size onlara beni seni onu bizi sizi onlari benim
    senin onun bizim sizin onlarin bende sende bunu sunu bunlar bunlari bunlarin su bu ne neden
    nasil nerede nereye nerde niye kim kime kimse kimi hangi kac kadar gibi icin ile ve veya ya
    ama fakat lakin ancak cunku eger ki de da mi mu misin musun misiniz degil degilim degilsin
    degiller var yok vardi yoktu olan olmus olmak olur olsun oldu olacak olmaz olsa oluyor bir
    iki birisi birsey bisey hersey herkes herkese hep hepiniz hepsi hepsini hic hicbir cok daha en
    az fazla sadece bile yine gene artik simdi sonra once bugun yarin dun zaman burada burasi
    orada surada boyle soyle oyle evet hayir tamam tesekkur tesekkurler sagol sagolun lutfen
    merhaba selam selamlar gunaydin abi abla kardesim hocam arkadas arkadaslar adam adamlar kadin
    cocuk cocuklar insan insanlar insanlari millet vatan ulke ulkemiz ulkede turkiye turk turkler
    turkun allah allahin insallah masallah bence sence galiba belki tabi tabii zaten hala iyi kotu
    guzel buyuk kucuk yeni eski dogru yanlis yazi yazar haber haberin gazete diyor diyorsun dedi
    diye demek yap yapma yapiyor yapiyorsunuz git gidin gel gelin bak bakin oku okudun bilmiyor
    biliyor bilen istiyorum lazim ki hadi haydi artik kendi kendini seyi seyler icinde uzerine
    oglum kizim anne annene baba babana bakalim acaba
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
    weshalb woher hier dort da dann jetzt heute morgen gestern damals leider bitte danke gut
    gute guten besser schlecht mehr weniger viel viele alle alles allen allem man jemand niemand
    keiner selbst so wie ganz gar echt halt eben wohl sowas solchen leute menschen mensch mann
    frau kinder land unserem unseres geht gehen geh gehoert macht machen mach sagt sagen weiss
    wissen glaube denke stimmt einfach endlich artikel autor zeitung zurueck weg raus
"""

_LATIN = frozenset(f"{_TURKISH} {_GERMAN}".split())
ROMANISED = frozenset(f"{_ARMENIAN} {_RUSSIAN} {_UKRAINIAN} {_PERSIAN_ARABIC}".split()) - _LATIN
"""Of languages that have an alphabet of their own: no model is known to read them in this one."""

FOREIGN = ROMANISED | _LATIN
"""All of them, and of Turkish and German. English has some of these too, such as "die" and "her"."""

ABUSE = frozenset(
    """
    apush apushner apushi himarner eshi esh avanak avanakner txmar tkhmar anasun anasunner
    davachan davachanner davatchan lakot lakoter lkti srika srikaner vordi qacana
    tsax tsaxvats tsaxvac caxvats bozi bozer bozeri bozitxa klir qunem qunel qunac qunats
    kunem kunac klinem goxer grohi grohy poxkapvats traitsner xaytarak khaytarak lrbi
    anamot anamotner oxormi vochxar vochxarner vaxkot satkes satkeq satken satkem kspanem
    kspanenq spanem zibil chatlax chatlakh aboosh abush ablah tzoon kakem qaqem qaq glxiq

    durak duraki durakov debil debily idioty idiotka suka suki suku sukin blyat blyad
    blyadi bliat blyadskiy pizda pizdec pizdets pizdet hui huy huya huynya huinya hueta nahui
    nahuy nahui nahuya nahui pohui pohuy xuy xuj xui naxuy naxui khuy khui ebat ebal ebanyi ebanye
    ebanyy yebat yobany yebany zaebal zaebali mudak mudaki mudila gandon gondon kozel kozly kozyol
    tvar tvari mraz mrazi gnida gnidy padla padly svoloch svolochi urod urody uroda ublyudok
    ublyudki ubludki ublyudkov pidor pidory pidar pidaras pidarasy pidorasy pederast chmo chmoshnik
    churka churki churok hach hachi khachi khach zhid zhidy zhidov jidy khohol hohol hohly khokhly
    hohlov moskal moskali sdohni sdohnite sdoh sdokhni zdohni zatknis zatkni gavno govno gavna
    govna dermo dermoed shlyuha shluha shlyukha shlyuhi prostitutka prodazhnye prodazhnaya predatel
    predateli tupoy tupoi tupaya tupye bydlo skotina skoty nedoumok dolboeb dolboyob dolbaeb
    ublyudka suchka suchki zhopa zhope zhopu zhopy jopa ubyu ubyom ubit kretin kretiny

    durnyi duren bidlo lajno pokydok kurva kurvy

    kuskesh koskesh kosekhar koskhol jende jendeh kuni kooni koonkesh haroomzadeh haramzadeh
    pedarsag pedarsagh bisharaf bishoor bishour ahmagh khafeh khafesho sharmuta sharmouta sharmoota
    kosomak kosomk kosommak khawal khawwal manyak manyook kalb 7mar 5awal a7a

    aptal aptallar aptalsin aptallik salak salaksin gerizekali gerizekalilar serefsiz
    serefsizler serefsizin serefsizlik orospu orospular orospunun orospucocugu amk amq 
    aminakoyim amcik siktir siktirgit sikerim sikeyim sikik sikiyim piclik pickurusu kahpe
    kahpenin gavat pezevenk ibne ibneler yavsak yavsaklar gotveren dangalak mankafa beyinsiz
    beyinsizler hain hainler hainsiniz haini hainleri namussuz namussuzlar ahlaksiz ahlaksizlar
    haysiyetsiz soysuz soysuzlar soysuzlarin kopek kopekler kopegin esek esekler essek esekoglu
    okuz hayvan hayvanlar hayvansin domuz geber gebersin geberin gebertmek kafir kafirler gavur
    gavurlar defol defolun belani manyaksin pustlar kaltak surtuk cahil cahiller
    hirsiz hirsizlar yalanci yalancilar rezil rezillik rezalet satilmis dolandirici oldurecegim
    oldururum

    arschloch arschloecher arschlocher arsch aersche arsche hurensohn hurensoehne huren hure schlampe schlampen
    fotze fotzen wichser wixer schwein schweine schweinehund drecksau dreckschwein dreckskerl
    dreckiger dreckige drecks scheisse scheiss scheisser beschissen verpiss verpisst
    verpissdich fick ficken gefickt fickt fresse deppen trottel vollidiot vollidioten
    vollpfosten idioten dummkopf dummkoepfe dummes dummer schwachkopf schwachkoepfe schwachsinn
    hohlkopf hohlkoepfe spast spasti spasten missgeburt missgeburten mistkerl miststueck miststuck mistvieh
    kanake kanaken kanacke neger zigeuner judensau judenschwein judenpack untermensch
    untermenschen ungeziefer abschaum gesindel penner luegner lugner verraeter verrater betrueger betruger
    verbrecher volksverraeter verrater luegenpresse schmierfink schmierfinken bloedmann bloede blode bloeder bloder
    bloedes strohdumm hirnlos hirnlose hirnloser widerlich widerliches krepier krepiert verrecke
    verreck verrecken vergasen aufhaengen aufhangen umbringen abstechen schwuchtel schwuchteln tunte
    """.split()
)
"""Words of abuse: one of them is enough, since one word can be the insult."""
