"""Which letter looks like which, and what Latin letters dress up as."""

from moderation.folding.scripts import Script


def _pairs(source: str) -> dict[str, str]:
    """Reads "аa вb": each word is a letter and the letter that it looks like."""
    return {word[0]: word[1] for word in source.split()}


_TO_LATIN = (
    # Cyrillic
    _pairs("аa вb еe ёe кk мm нh оo рp сc тt уy хx іi їi јj ѕs ԁd ԛq ԝw һh ӏl ьb пn гr ԍg ѵv ҽe ғf")
    | _pairs("АA ВB ЕE ЁE КK МM НH ОO РP СC ТT УY ХX ІI ЇI ЈJ ЅS ԌG ԚQ ԜW ҺH ӀI ЬB Ғf ѴV")
    # Greek
    | _pairs("αa βb εe ιi κk νv οo ρp τt υu χx ηn ωw γy μu ϲc ϳj σo ςs άa έe ίi όo ύu ήn ώw")
    | _pairs("ΑA ΒB ΕE ΖZ ΗH ΙI ΚK ΜM ΝN ΟO ΡP ΤT ΥY ΧX")
    # Armenian, without Հ: a capital like no Latin letter
    | _pairs("օo ոn սu հh ցg զq յj աw քf լl ղn կu ՕO ՈN ՍU ՏS ԼL")
    # Cherokee and Lisu capitals
    | _pairs("ᎪA ᏴB ᏟC ᎠD ᎬE ᏀG ᎻH Ꭵi ᎫJ ᏦK ᏞL ᎷM ᏢP ᎡR ᏚS ᎢT ᏙV ᎳW ᏃZ")
    | _pairs("ꓐB ꓑP ꓓD ꓔT ꓖG ꓗK ꓙJ ꓚC ꓜZ ꓝF ꓟM ꓠN ꓡL ꓢS ꓣR ꓦV ꓧH ꓪW ꓫX ꓬY ꓮA ꓰE ꓲI ꓳO ꓴU")
)
LOOKALIKE: dict[Script, dict[str, str]] = {
    Script.LATIN: _TO_LATIN,
    Script.CYRILLIC: _pairs("aа bь cс eе hн iі kк mм nп oо pр rг tт uи xх yу")
    | _pairs("AА BВ CС EЕ HН IІ KК MМ OО PР TТ XХ YУ")
    | _pairs("οо αа ρр οо օо"),
    Script.GREEK: _pairs("aα bβ eε iι kκ vν oο pρ tτ uυ xχ nη wω yγ")
    | _pairs("AΑ BΒ EΕ ZΖ HΗ IΙ KΚ MΜ NΝ OΟ PΡ TΤ YΥ XΧ аα оο"),
    Script.ARMENIAN: _pairs("oօ nո uս hհ gց qզ jյ wա fք lլ OՕ UՍ SՏ LԼ оօ"),
}
"""By alphabet, the letters of others that pass for one of it, and for which."""
COSTUMES = str.maketrans(
    _pairs("ᴀa ʙb ᴄc ᴅd ᴇe ꜰf ɢg ʜh ɪi ᴊj ᴋk ʟl ᴍm ɴn ᴏo ᴘp ꞯq ʀr ꜱs ᴛt ᴜu ᴠv ᴡw ʏy ᴢz ɑa ɡg ꓸ.")
    | {chr(0x1F150 + n): chr(0x41 + n) for n in range(26)}
    | {chr(0x1F170 + n): chr(0x41 + n) for n in range(26)}
)
"""Small capitals and the white-on-black letters: Latin, but no compatibility form says so."""
