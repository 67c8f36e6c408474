"""Further names of fields: of summaries, of exporters and services, and in other languages."""

from collections.abc import Mapping

from searchsvc.corpus.metadata.normalize import normalize, without_type

_SUMMARIES = """
body_preview lead_paragraph standfirst summary abstract abstract_note description_abstract description
short_description meta_description long_description excerpt snippet teaser lead lede intro introduction deck dek
trail_text blurb synopsis preview extended selection subtitle subheadline caption post_excerpt custom_excerpt
og_description zusammenfassung kurzfassung vorspann anriss beschreibung kurzbeschreibung auszug résumé extrait chapô
chapeau chapo accroche description_courte resumen extracto entradilla bajada copete sumario descripción sinopsis
sommario riassunto occhiello estratto descrizione abstract_it resumo descrição sinopse trecho linha_fina samenvatting
inleiding omschrijving beschrijving uittreksel streszczenie opis zajawka skrót sammanfattning ingress beskrivning
sammandrag referat resumé manchet tiivistelmä kuvaus shrnutí popis perex anotace összefoglaló leírás kivonat rezumat
descriere özet açıklama περίληψη περιγραφή описание аннотация анонс лид краткое_содержание резюме опис анотація
короткий_опис 摘要 简介 簡介 概要 导语 導語 描述 要約 要旨 リード 説明 요약 초록 설명 개요 ملخص وصف الملخص الوصف תקציר תיאור
"""

_OTHER_NAMES: Mapping[str, str] = {
    "id": "article_number post_id item_id story_id news_id external_id record_id artikel_id nid",
    "title": """
web_title headline_main post_title article_title document_title page_title resolved_title given_title main_title news_title
story_title item_title title_full full_title subject
titel überschrift schlagzeile titre intitulé título titulo titular titolo tytuł nagłówek otsikko cím titlu
název nadpis tittel overskrift başlık τίτλος заголовок название наименование назва наслов заглавие
标题 標題 题目 題目 新闻标题 タイトル 題名 見出し 件名 제목 표제 العنوان عنوان כותרת
""",
    "body": """
content_html content_text plaintext plain_text body_html body_plain html_content html raw_text raw_content article_text
article_content news_content post_content post_body story_text story_body full_content content_body self_text selftext
text_content message text_body bodytext fulltext document_text main_content page_content cooked main_body transcript
volltext artikeltext inhalt haupttext texte contenu corps corps_du_texte texto contenido cuerpo testo contenuto corpo
texto_completo conteúdo corpo_do_texto tekst inhoud treść tresc brödtext innehåll brødtekst indhold innhold teksti sisältö
szöveg tartalom conținut obsah içerik metin haber_metni κείμενο περιεχόμενο
текст содержание содержимое полный_текст тело текст_статьи зміст вміст съдържание садржај
正文 内容 內容 内文 內文 全文 文章内容 本文 記事 본문 내용 기사 النص المحتوى نص محتوى טקסט תוכן גוף
""",
    "date": """
web_publication_date publish_time published_date first_published firstpublished first_published_at publication_time
published_utc published_parsed display_date creation_date pubdate issue_date date_issued release_date posted_at posted_on
post_date date_posted date_time created_utc created_time creation_time date_added time_added saved_at time
datum veröffentlicht veröffentlichungsdatum erschienen erscheinungsdatum date_de_publication publié_le fecha
fecha_de_publicación data data_di_pubblicazione data_de_publicação publicado_em publicatiedatum data_publikacji
publiceringsdatum udgivelsesdato publiseringsdato dato julkaistu päivämäärä dátum megjelenés tarih yayın_tarihi
datum_vydání ημερομηνία дата дата_публикации опубликовано дата_публікації датум
日期 发布时间 發布時間 发布日期 发表时间 时间 時間 日付 公開日 掲載日 날짜 작성일 발행일 التاريخ تاريخ תאריך
""",
    "author": """
author_name author_names contributor_author writers creators contributor contributors journalist reporter columnist
posted_by primary_author published_by user_name display_author dc_creator post_author
autor autoren verfasser verfasserin auteur auteurs autores autora autore autori redakteur redacteur journaliste periodista
giornalista författare forfatter kirjoittaja szerző yazar συγγραφέας συντάκτης автор авторы автори
作者 记者 記者 撰文 著者 筆者 執筆者 작성자 저자 기자 المؤلف الكاتب כותב מחבר
""",
    "source": """
publication_name publication_title source_name site domain_name origin journal journal_title container_title publisher_name
newspaper_name media media_name news_source feed_title provider_name
quelle zeitung medium herausgeber journal_name périodique éditeur fuente medio periódico fonte giornale testata veículo
bron krant źródło gazeta källa kilde lähde forrás zdroj kaynak gazete πηγή источник издание джерело видання
来源 來源 出处 媒体 媒體 出典 掲載紙 媒体名 출처 언론사 매체 المصدر מקור
""",
    "section": """
section_name pillar_name primary_category category_name news_desk topic_name channel folder_name subsection
rubrik ressort kategorie rubrique sección seccion categoría rubrica sezione categoria seção editoria rubriek
categorie dział kategoria avdelning kategori osasto rovat kategória bölüm κατηγορία рубрика раздел категория розділ
栏目 欄目 分类 分類 频道 カテゴリ カテゴリー 分野 섹션 카테고리 القسم الفئة מדור קטגוריה
""",
    "place": """
place_name location_name dateline_location
ort ereignisort schauplatz lieu ville lugar ciudad luogo città local lugar_do_fato cidade plaats miejsce miejscowość plats
sted paikka helyszín místo yer τόπος место город місце 地点 地點 城市 場所 都市 장소 도시 المكان المدينة מקום
""",
    "tag": """
dc_subject dcterms_subject tag_names tag_list hashtags subjects keyword_list manual_tags automatic_tags des_facet
schlagwort schlagwörter schlagworte stichwörter mots_clés mots_clefs étiquettes etiquetas palabras_clave parole_chiave
etichette palavras_chave marcadores trefwoorden słowa_kluczowe tagi nyckelord taggar emneord stikord avainsanat címkék
kulcsszavak klíčová_slova štítky anahtar_kelimeler etiketler λέξεις_κλειδιά ετικέτες теги ключевые_слова метки ключові_слова
标签 標籤 关键词 關鍵詞 关键字 タグ キーワード 태그 키워드 الوسوم الكلمات_المفتاحية תגיות
""",
    "language": """
language_code lang_code language_iso content_language
sprache langue idioma lingua língua taal język språk sprog kieli nyelv jazyk dil γλώσσα язык мова
语言 語言 言語 언어 اللغة שפה
""",
    "url": """
resolved_url given_url article_url page_url post_url story_url source_url original_url external_url full_url uri target_uri
webpage identifier_uri permalink_url link_url doc_url item_url html_url
adresse webadresse lien enlace vínculo collegamento indirizzo ligação endereço koppeling odnośnik adres länk lenke linkki
odkaz bağlantı σύνδεσμος ссылка адрес посилання 链接 鏈接 网址 網址 リンク 링크 주소 الرابط קישור
""",
}
OTHER_NAMES: Mapping[str, tuple[str, ...]] = {field: tuple(names.split()) for field, names in _OTHER_NAMES.items()}
"""Names of each article field that count after those of FIELD_ALIASES."""

_SUMMARY_RANKS = {normalize(name): rank for rank, name in enumerate(_SUMMARIES.split())}


def summary_rank(name: str) -> int | None:
    """Return the rank of a summary, which stands for the body where a record has none. The lowest is read first.

    Return None if the name is not that of a summary.
    """
    rank = _SUMMARY_RANKS.get(normalize(name))
    return _SUMMARY_RANKS.get(normalize(without_type(name))) if rank is None else rank
