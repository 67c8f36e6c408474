"""Parsing of publication dates."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from searchsvc.corpus.metadata import PublicationDate, parse_date
from searchsvc.corpus.metadata.dates import day_in_path


@pytest.mark.parametrize(
    ("value", "date"),
    [
        ("2022-12-23", "2022-12-23"),
        ("2022-12-23T23:30:00-05:00", "2022-12-23"),
        ("Fri, 23 Dec 2022 23:30:00 -0500", "2022-12-23"),
        ("December 23, 2022", "2022-12-23"),
        ("23.12.2022", "2022-12-23"),
        ("9/6/17", "2017-09-06"),
        ("20221223", "2022-12-23"),
        (20221223, "2022-12-23"),
        (20221223.0, "2022-12-23"),
        ("20221223.0", "2022-12-23"),
        (202212231030, "2022-12-23"),
        (20221223103000, "2022-12-23"),
        ({"value": 20221223}, "2022-12-23"),
        (20221332, "1970-08-23"),
        (20221223.5, "1970-08-23"),
        (1671800000, "2022-12-23"),
        (1671800000000, "2022-12-23"),
        (10**400, None),
        ("0001-01-01", None),
        ("31 February", None),
        ("2022-02-31", None),
        ("soon", None),
        ("10", None),
        ("March", None),
        (2022, None),
        (float("nan"), None),
        (True, None),
        ("05.04.2021", "2021-04-05"),
        ("5. 4. 2021", "2021-04-05"),
        ("Fr, 05.04.21, 14:30 Uhr", "2021-04-05"),
        ("04.13.2021", "2021-04-13"),
        ("2021.4.5", "2021-04-05"),
        ("2021. 4. 5.", "2021-04-05"),
        ("2021/4/5", "2021-04-05"),
        ("04/13/2021", "2021-04-13"),
        ("13-04-2021", "2021-04-13"),
        ("25.12.45", "1945-12-25"),
        ("Version 1.2.3.4", None),
        ("٠٥/٠٤/٢٠٢١", "2021-04-05"),
        ("２０２１／４／５", "2021-04-05"),
        ("\u200f5\u200f/4\u200f/2021", "2021-05-04"),
        ("05/Apr/2021:10:11:12 +0000", "2021-04-05"),
        ("22-DEC-22", "2022-12-22"),
        ("Dec 22nd, '21", "2021-12-22"),
        ("Thu Dec 22 23:30:00 EST 2022", "2022-12-22"),
        ("Saturday, March 5th, 2022 at 3pm", "2022-03-05"),
        ("20221223103000", "2022-12-23"),
        ("1671800000", "2022-12-23"),
        ("1671800000.0", "2022-12-23"),
        ("1.6718E+09", None),
        ("1.671800000E9", "2022-12-23"),
        ("/Date(1671800000123+0100)/", "2022-12-23"),
        ("December 23, 2022 (updated December 24, 2022)", "2022-12-23"),
        ("5 May 2022, changed 6 September 2022", "2022-05-05"),
        ("1671800000123", "2022-12-23"),
        (1671800000123456789, "2022-12-23"),
        ("946684800000", "2000-01-01"),
        (-(10**12), "1938-04-24"),
        (-(10**14), None),
        (["", "soon", "2022-12-23"], "2022-12-23"),
        ({"zone": "UTC", "date": "2022-12-23 10:00:00.000000"}, "2022-12-23"),
        ({"id": 1500000000, "value": "2022-12-23"}, "2022-12-23"),
        ({"$date": "2022-12-23T10:00:00Z"}, "2022-12-23"),
        ({"$date": {"$numberLong": "1671800000000"}}, "2022-12-23"),
        ({"_seconds": 1671800000, "_nanoseconds": 5}, "2022-12-23"),
        ({"date-parts": [[2022, 12, 23]]}, "2022-12-23"),
        ({"year": 2022, "month": 12, "day": 23}, "2022-12-23"),
        ([2022, 12, 23, 10, 30], "2022-12-23"),
        ([2022, 13, 23], None),
        ("9999-12-31", None),
        ("9999-12-31T23:59:59Z", None),
        (253402300799, None),
        ("253402300799999", None),
        ("0000-00-00 00:00:00", None),
        ("00/00/0000", None),
        ("Mon, 30 Nov -0001 00:00:00 +0000", None),
        ("-0001-11-30T00:00:00+00:00", None),
        ("9" * 90, None),
    ],
)
def test_days(value: object, date: str | None) -> None:
    parsed = parse_date(value)
    assert (str(parsed.date) if parsed else None) == date


@given(st.text(max_size=60) | st.floats() | st.integers() | st.none() | st.lists(st.integers()))
def test_any_value_is_parsed_without_an_error(value: object) -> None:
    parsed = parse_date(value)
    assert parsed is None or parsed.published is None or parsed.published.tzinfo is not None


@pytest.mark.parametrize(
    ("value", "published"),
    [
        ("2022-12-23", None),
        ("December 23, 2022", None),
        ("2022-12-23T10:30", "2022-12-23T10:30:00+00:00"),
        ("2022-12-23T23:30:00-05:00", "2022-12-23T23:30:00-05:00"),
        ("Fri, 23 Dec 2022 23:30:00 EST", "2022-12-23T23:30:00-05:00"),
        ("23 Dec 2022 10:30 XYZT", "2022-12-23T10:30:00+00:00"),
        ("2022-12-23 10:30:15.25 UTC", "2022-12-23T10:30:15.250000+00:00"),
        ("2022-12-23 10:30:15 +0530", "2022-12-23T10:30:15+05:30"),
        ("Fri Dec 23 2022 10:30:15 GMT-0100 (CVT)", "2022-12-23T10:30:15-01:00"),
        ("23.12.2022, 14.30 Uhr", "2022-12-23T14:30:00+00:00"),
        ("le 23 décembre 2022 à 14h30", "2022-12-23T14:30:00+00:00"),
        ("12/23/2022 12:30 AM", "2022-12-23T00:30:00+00:00"),
        ("Dec 23, 2022 2:30 p.m.", "2022-12-23T14:30:00+00:00"),
        ("2022年12月23日 14時30分", "2022-12-23T14:30:00+00:00"),
        ("2022년 12월 23일 오후 2:30", "2022-12-23T14:30:00+00:00"),
        ("20221223T101112Z", "2022-12-23T10:11:12+00:00"),
        (20221223, None),
        (20221223103000, "2022-12-23T10:30:00+00:00"),
        (1671800000, "2022-12-23T12:53:20+00:00"),
        (1671800000000, "2022-12-23T12:53:20+00:00"),
    ],
)
def test_instants(value: object, published: str | None) -> None:
    parsed = parse_date(value)
    assert parsed is not None
    assert (parsed.published.isoformat() if parsed.published else None) == published


def test_a_parsed_date_is_returned_unchanged() -> None:
    date = PublicationDate(dt.date(2022, 12, 22), dt.datetime(2022, 12, 23, 1, tzinfo=dt.UTC))
    assert parse_date(date) is date


@pytest.mark.parametrize(
    ("text", "date"),
    [
        ("7 octobre 2019", "2019-10-07"),
        ("1er août 2019", "2019-08-01"),
        ("mar. 7 janv. 2020", "2020-01-07"),
        ("7 aout 2019", "2019-08-07"),
        ("7 de noviembre de 2019", "2019-11-07"),
        ("martes, 7 de enero de 2020", "2020-01-07"),
        ("7. Oktober 2019", "2019-10-07"),
        ("7. Jänner 2020", "2020-01-07"),
        ("7 de maio de 2019", "2019-05-07"),
        ("7 giugno 2019", "2019-06-07"),
        ("7 mei 2019", "2019-05-07"),
        ("7 октября 2019 г.", "2019-10-07"),
        ("7 окт. 2019", "2019-10-07"),
        ("7 жовтня 2019", "2019-10-07"),
        ("7 кастрычніка 2019", "2019-10-07"),
        ("7 października 2019", "2019-10-07"),
        ("7. října 2019", "2019-10-07"),
        ("7. rijna 2019", "2019-10-07"),
        ("7. októbra 2019", "2019-10-07"),
        ("7. travnja 2019.", "2019-04-07"),
        ("7 октомври 2019", "2019-10-07"),
        ("7 octombrie 2019", "2019-10-07"),
        ("2019. október 7.", "2019-10-07"),
        ("7. lokakuuta 2019", "2019-10-07"),
        ("lokakuun 7. päivänä 2019", "2019-10-07"),
        ("7. oktoober 2019", "2019-10-07"),
        ("2019. gada 7. oktobris", "2019-10-07"),
        ("2019 m. spalio 7 d.", "2019-10-07"),
        ("7 maj 2019", "2019-05-07"),
        ("7. desember 2019", "2019-12-07"),
        ("7 Οκτωβρίου 2019", "2019-10-07"),
        ("7 EKİM 2019", "2019-10-07"),
        ("7 KASIM 2019", "2019-11-07"),
        ("7 ב" + "אוקטובר 2019", "2019-10-07"),
        ("٧ أكتوبر ٢٠١٩", "2019-10-07"),
        ("7 تشرين الأول 2019", "2019-10-07"),
        ("७ अक्टूबर २०१९", "2019-10-07"),
        ("৭ অক্টোবর ২০১৯", "2019-10-07"),
        ("7 ตุลาคม 2562", "2019-10-07"),
        ("7 ต.ค. 62", "2019-10-07"),
        ("ngày 7 tháng 10 năm 2019", "2019-10-07"),
        ("7 Oktober 2019", "2019-10-07"),
        ("7 Ogos 2019", "2019-08-07"),
        ("7 d’octubre de 2019", "2019-10-07"),
        ("2019ko urriaren 7a", "2019-10-07"),
        ("2019年10月7日", "2019-10-07"),
        ("二〇一九年十月二十七日", "2019-10-27"),
        ("令和元年10月7日", "2019-10-07"),
        ("民國108年10月7日", "2019-10-07"),
        ("2019년 10월 7일", "2019-10-07"),
        ("15 اسفند 1399", "2021-03-05"),
        ("۱۳۹۹/۱۲/۱۵", "2021-03-05"),
        ("7.X.2019", "2019-10-07"),
        ("octobre 2019", "2019-10-01"),
        ("7 octobre", None),
        ("7 Personen 2019", None),
        ("Heft 7, 2019", None),
        ("31 septembre 2019", None),
    ],
)
def test_months_are_named_in_any_language(text: str, date: str | None) -> None:
    parsed = parse_date(text)
    assert (str(parsed.date) if parsed else None) == date


@pytest.mark.parametrize("days", [(1399, 12, 30, "2021-03-20"), (1400, 1, 1, "2021-03-21"), (1357, 11, 22, "1979-02-11")])
def test_days_of_the_persian_calendar_are_those_of_ours(days: tuple[int, int, int, str]) -> None:
    year, month, day, date = days
    parsed = parse_date(f"{year}/{month:02}/{day:02}".translate(str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹")))
    assert parsed is not None
    assert str(parsed.date) == date


def test_a_day_more_than_two_years_ahead_is_no_date() -> None:
    today = dt.date.today()
    assert parse_date(str(today + dt.timedelta(700))) is not None
    assert parse_date(str(today + dt.timedelta(740))) is None
    assert parse_date((today + dt.timedelta(740)).strftime("%d.%m.%Y")) is None


@pytest.mark.parametrize(
    ("path", "date"),
    [
        ("_posts/2021-03-05-tea.md", "2021-03-05"),
        ("notes/2021_03_05 tea.txt", "2021-03-05"),
        ("notes/20210305.md", "2021-03-05"),
        ("notes/202103051430 tea.md", "2021-03-05"),
        ("notes/tea 2021-03-05.md", "2021-03-05"),
        ("2021/03/05/tea.md", "2021-03-05"),
        ("posts/2021-03-05-tea/index.md", "2021-03-05"),
        ("2020/01/02/2021-03-05-tea.md", "2021-03-05"),
        ("notes/2021-13-05.md", None),
        ("notes/20219999.md", None),
        ("notes/9999-12-31.md", None),
        ("2021/tea.md", None),
        ("120210305.md", None),
    ],
)
def test_the_path_of_a_file_may_name_its_day(path: str, date: str | None) -> None:
    parsed = day_in_path(path)
    assert (str(parsed.date) if parsed else None) == date
