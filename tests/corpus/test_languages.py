"""The language of articles that do not declare one."""

import subprocess
import sys
from pathlib import Path

import pytest

from searchsvc.corpus import ExtractedArticle, FileReader
from searchsvc.corpus.metadata.languages import MAX_TEXT, detect_language
from tests.conftest import Archive

TEXTS = {
    "en": "The harbour of the old town was closed on Friday, and the boats had to wait for the tide.",
    "de": "Der Hafen der alten Stadt war am Freitag geschlossen, und die Boote mussten auf die Flut warten.",
    "fr": "Le port de la vieille ville était fermé vendredi, et les bateaux ont dû attendre la marée.",
    "es": "El puerto de la ciudad vieja estuvo cerrado el viernes y los barcos tuvieron que esperar la marea.",
    "it": "Il porto della città vecchia è rimasto chiuso venerdì e le barche hanno dovuto aspettare la marea.",
    "pt": "O porto da cidade velha esteve fechado na sexta-feira e os barcos tiveram de esperar pela maré.",
    "nl": "De haven van de oude stad was vrijdag gesloten en de boten moesten op het getij wachten.",
    "id": "Pelabuhan kota tua ditutup pada hari Jumat, dan kapal-kapal harus menunggu air pasang dari laut.",
    "da": "Havnen i den gamle by var lukket i fredags, og bådene måtte vente, fordi vandet ikke var steget nok.",
    "sv": "Hamnen i den gamla staden var stängd i fredags och båtarna fick vänta på tidvattnet.",
    "pl": "Port starego miasta był w piątek zamknięty i łodzie musiały czekać na przypływ.",
    "cs": "Přístav starého města byl v pátek zavřený a lodě musely čekat na příliv.",
    "fi": "Vanhan kaupungin satama oli suljettu perjantaina, ja veneet joutuivat odottamaan nousuvettä.",
    "hu": "Az óváros kikötője pénteken zárva volt, és a hajóknak meg kellett várniuk a dagályt.",
    "tr": "Eski şehrin limanı cuma günü kapalıydı ve tekneler gelgiti beklemek zorunda kaldı.",
    "ru": "Порт старого города был закрыт в пятницу, и лодкам пришлось ждать прилива.",
    "uk": "Порт старого міста був зачинений у п'ятницю, і човнам довелося чекати на приплив.",
    "el": "Το λιμάνι της παλιάς πόλης ήταν κλειστό την Παρασκευή και τα σκάφη περίμεναν την παλίρροια.",
    "he": "נמל העיר העתיקה היה סגור ביום שישי, והסירות נאלצו לחכות לגאות.",
    "ar": "كان ميناء المدينة القديمة مغلقا يوم الجمعة واضطرت القوارب إلى انتظار المد.",
    "fa": "بندر شهر قدیمی روز جمعه بسته بود و قایق‌ها مجبور شدند منتظر مد بمانند.",
    "hi": "पुराने शहर का बंदरगाह शुक्रवार को बंद था और नावों को ज्वार का इंतज़ार करना पड़ा।",
    "zh": "老城的港口星期五关闭，船只不得不等待涨潮。",
    "ja": "旧市街の港は金曜日に閉鎖され、船は潮を待たなければならなかった。",
    "ko": "구시가지 항구는 금요일에 폐쇄되어 배들은 밀물을 기다려야 했다.",
    "th": "ท่าเรือของเมืองเก่าปิดในวันศุกร์ และเรือต้องรอน้ำขึ้น",
}


@pytest.mark.parametrize(("code", "text"), TEXTS.items())
def test_the_language_of_an_article_is_told_by_its_words(code: str, text: str) -> None:
    assert detect_language("", text) == code
    assert detect_language(text, "") == code
    assert detect_language("", text + " " * MAX_TEXT + "x" * 10_000) == code


@pytest.mark.parametrize("code", ["fi", "el", "zh", "ja"])
def test_a_text_that_quotes_another_language_keeps_its_own(code: str) -> None:
    own = TEXTS[code] * (400 // len(TEXTS[code]))
    assert detect_language("", f"{own[:200]} The boats had to wait for this and that. {own}" * 3) == code


@pytest.mark.parametrize("text", ["", "12 45 %", "COVID-19", "A. B.", "…", "\ud83d\ude00" * 9, "\x00\x01"])
def test_what_is_no_text_has_no_language(text: str) -> None:
    assert detect_language(text.encode("utf-16", "surrogatepass").decode("utf-16"), "") == ""


def test_a_declared_language_is_kept_and_another_is_told_with_its_provenance(archive: Archive) -> None:
    declared = f"language: de-AT\n\n{TEXTS['fr']}"
    archive.write({"declared.txt": declared, "told.txt": TEXTS["fr"]})
    found = {}
    for name in ("declared.txt", "told.txt"):
        (item,) = FileReader(archive.corpus / name, name).extracted()
        assert isinstance(item, ExtractedArticle)
        found[name] = item.article.language, item.provenance["language"]
    assert found == {"declared.txt": ("de", "“language”"), "told.txt": ("fr", "the words of the text")}


def test_the_model_is_not_loaded_for_what_frequent_words_tell(tmp_path: Path) -> None:
    told = "from searchsvc.corpus.metadata.languages import detect_language as told; import sys; "
    late = "Nice Lyon Marseille Toulouse " * 20 + TEXTS["en"] * 4
    texts = f"told('', {TEXTS['en']!r}), told('', {late!r}), 'py3langid' in sys.modules, told('', {TEXTS['fi']!r})"
    code = f"{told}print({texts})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=tmp_path)
    assert done.stdout.split() == ["en", "en", "False", "fi"]
