"""Conversion of HTML fragments to text."""

from time import process_time

import pytest

from searchsvc.corpus.formats.html_text import MAX_TAGS, html_text, looks_like_html, strip_tags


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>a</p><p>b<br>c</p>", "a\n\nb\nc"),
        ("<ul><li>a<li>b</ul>", "a\n\nb"),
        ("<h1>T</h1>text  of\n\n\n it", "T\n\ntext of\n\nit"),
        ("a <script>x</script><style>y</style>b", "a b"),
        ("a <template><p>x</p></template><!-- y -->b", "a b"),
        ("<div>a<div>b</div>c</div>d", "a\n\nb\n\nc\n\nd"),
        ("a &amp; b", "a & b"),
        ("har&shy;vest mon<wbr>soon bread&#8203;maker", "harvest monsoon breadmaker"),
        ("https://courier.example/tea", "https://courier.example/tea"),
        ("<b>" * (MAX_TAGS + 1) + "a</b> <p>b", "a b"),
    ],
)
def test_html_text(html: str, text: str) -> None:
    assert html_text(html) == text


@pytest.mark.slow
@pytest.mark.parametrize("html", ["<p>tea", "<div>tea", "tea<br>", "<p>tea</p>"])
def test_many_elements_in_a_row_or_in_each_other_take_linear_time(html: str) -> None:
    def seconds(number: int) -> float:
        begun = process_time()
        html_text(html * number)
        return process_time() - begun

    assert min(seconds(2_400) for _ in range(2)) < 6 * max(seconds(600) for _ in range(2)) + 0.1


@pytest.mark.parametrize(
    ("html", "words"),
    [
        ("a<script>x</script>b<STYLE>y</style >c", ["a", "b", "c"]),
        ("a<script>never closed", ["a"]),
        ("a < b &lt; c", ["a", "<", "b", "<", "c"]),
    ],
)
def test_strip_tags(html: str, words: list[str]) -> None:
    assert strip_tags(html).split() == words


@pytest.mark.parametrize(
    ("text", "is_html"),
    [("<p>a", True), ("a<BR/>b", True), ("x < y > z", False), ("<jane@courier.example>", False), ("plain", False)],
)
def test_looks_like_html(text: str, is_html: bool) -> None:
    assert looks_like_html(text) == is_html
