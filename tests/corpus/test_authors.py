"""Names of authors: what splits two of them, what belongs to one, and what is no part of a name."""

import pytest

from searchsvc.corpus.metadata.authors import MAX_BYLINE, MAX_NAMES, clean_byline, split_authors


@pytest.mark.parametrize(
    ("byline", "names"),
    [
        ("Jane Smith and Bo Li", ["Jane Smith", "Bo Li"]),
        ("JANE SMITH AND BO LI", ["JANE SMITH", "BO LI"]),
        ("Jane Smith und Bo Li", ["Jane Smith", "Bo Li"]),
        ("Jeanne Petit et Luc Roy", ["Jeanne Petit", "Luc Roy"]),
        ("Ana Ruiz y Luis Gil", ["Ana Ruiz", "Luis Gil"]),
        ("Rui Costa e Eva Dias", ["Rui Costa", "Eva Dias"]),
        ("Piet de Vries en Jan Smit", ["Piet de Vries", "Jan Smit"]),
        ("Nils Berg och Eva Ek", ["Nils Berg", "Eva Ek"]),
        ("Jan Nowak i Ewa Lis", ["Jan Nowak", "Ewa Lis"]),
        ("Иван Петров и Анна Крылова", ["Иван Петров", "Анна Крылова"]),
        ("Ayşe Kaya ve Can Demir", ["Ayşe Kaya", "Can Demir"]),
        ("Jane Smith & Bo Li", ["Jane Smith", "Bo Li"]),
        ("Jane Smith, Bo Li", ["Jane Smith", "Bo Li"]),
        ("Jane Smith, Bo Li and Ann Lee", ["Jane Smith", "Bo Li", "Ann Lee"]),
        ("Jane Smith, Bo Li, and Ann Lee", ["Jane Smith", "Bo Li", "Ann Lee"]),
        ("Smith, Jane and Li, Bo", ["Smith, Jane", "Li, Bo"]),
        ("Smith, Jane; Li, Bo", ["Smith, Jane", "Li, Bo"]),
        ("張三、李四", ["張三", "李四"]),
        ("Jane Smith | Bo Li", ["Jane Smith", "Bo Li"]),
        ("Pío Baroja y Nessi y Ana Ruiz", ["Pío Baroja y Nessi", "Ana Ruiz"]),
    ],
)
def test_several_names_are_split(byline: str, names: list[str]) -> None:
    assert split_authors(byline) == names


@pytest.mark.parametrize(
    "name",
    [
        *(
            "Smith, Jane",
            "Santiago Ramón y Cajal",
            "Antoni Gaudí i Cornet",
            "Eça e Queirós",
            "Reed & Barlow",
            "Salt and Reed",
        ),
        *("Jane and John Smith", "Michael E Smith", "Mary Y Wong", "Ministry of Fisheries and Rural Affairs"),
        *("Department of Roads, Ports and Ferries", "Bundesministerium für Bildung und Freie Forschung", "Perry Smith Jr."),
        *("Ministerio de Obras Públicas y Aguas Interiores", "Redaktion", "Staff Writer", "von der Heide, Ute", "Di Rossi"),
        *("Министерство внутренних дел и Общественной безопасности", "van Dyck, Anton", "[sic]", "(Jo)"),
    ],
)
def test_one_name_stays_whole(name: str) -> None:
    assert split_authors(name) == [name]


@pytest.mark.parametrize(
    ("byline", "name"),
    [
        ("By Jane Smith", "Jane Smith"),
        ("BY JANE SMITH", "JANE SMITH"),
        ("Written by Jane Smith", "Jane Smith"),
        ("von Jane Smith", "Jane Smith"),
        ("Par Jeanne Petit", "Jeanne Petit"),
        ("Por Ana Ruiz", "Ana Ruiz"),
        ("Di Carla Rossi Bruni", "Carla Rossi Bruni"),
        ("Ein Gastbeitrag von Jane Smith", "Jane Smith"),
        ("Author: Jane Smith", "Jane Smith"),
        ("Автор: Иван Петров", "Иван Петров"),
        ("记者：李四", "李四"),
        ("Jane Smith, Staff Writer", "Jane Smith"),
        ("Jane Smith Senior Correspondent", "Jane Smith"),
        ("Jane Smith, PhD", "Jane Smith"),
        ("Ute Heide, Chefredakteurin", "Ute Heide"),
        ("Jane Smith, Reuters", "Jane Smith"),
        ("Jane Smith (AP)", "Jane Smith"),
        ("Jane Smith and Reuters", "Jane Smith"),
    ],
)
def test_by_roles_and_agencies_are_no_part_of_a_name(byline: str, name: str) -> None:
    assert split_authors(byline) == [name]


@pytest.mark.parametrize(
    ("written", "names"),
    [
        ("['Jane Smith', 'Bo Li']", ["Jane Smith", "Bo Li"]),
        ('["Ann O\'Hara", "Bo Li"]', ["Ann O'Hara", "Bo Li"]),
        (r"['Ann O\'Hara']", ["Ann O'Hara"]),
        ("('Jane Smith',)", ["Jane Smith"]),
        ('{"Jane Smith","Bo Li"}', ["Jane Smith", "Bo Li"]),
        ("['Jane Smith' 'Bo Li']", ["Jane Smith", "Bo Li"]),
        ("['By Jane Smith and Bo Li']", ["Jane Smith", "Bo Li"]),
        ("[]", []),
        ("['']", []),
    ],
)
def test_lists_as_programs_write_them_are_split(written: str, names: list[str]) -> None:
    assert split_authors(written) == names


def test_a_text_that_is_far_too_long_for_names_is_kept() -> None:
    text = "Jane Smith and Bo Li " * MAX_NAMES
    assert split_authors(text) == [text.strip()]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Posted on May 6, 2021 by Jane Smith", ["Jane Smith"]),
        ("06.05.2021 13:30 von Ute Heide", ["Ute Heide"]),
        ("View all posts by Jane Smith", ["Jane Smith"]),
        ("Jane Smith | 6 May 2021", ["Jane Smith"]),
        ("Jane Smith - The Courier", ["Jane Smith"]),
        ("Jane Smith (photos)", ["Jane Smith"]),
        ("Ute Heide am 6. Mai", ["Ute Heide"]),
        ("night.owl7", ["night.owl7"]),
        ("Prof. Dr. Ute Heide", ["Prof. Dr. Ute Heide"]),
        ("Share this", []),
        ("by", []),
        ("admin", []),
        ("6 May 2021", []),
        ("https://x.example/jane", []),
        ("jane@x.example", []),
        ("She writes about tea. Her first book was about milk.", []),
        ("She was born by the sea and writes about tea for us since she was a child", []),
        ("Jane Smith " * MAX_BYLINE, []),
    ],
)
def test_only_names_are_left_of_a_byline(text: str, names: list[str]) -> None:
    assert clean_byline(text) == names
