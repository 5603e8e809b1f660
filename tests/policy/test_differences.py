"""What differs between two versions of a policy's file."""

from moderation.policy import Line, differences

OLD = "\n".join(f"line {number}" for number in range(1, 21))


def test_a_changed_line_stands_with_three_around_it() -> None:
    [place] = differences(OLD, OLD.replace("line 10\n", "line ten\n"))
    assert [line.text for line in place] == [
        "line 7",
        "line 8",
        "line 9",
        "line 10",
        "line ten",
        "line 11",
        "line 12",
        "line 13",
    ]
    assert place[3] == Line(10, None, "line 10")
    assert place[4] == Line(None, 10, "line ten")
    assert place[5] == Line(11, 11, "line 11")


def test_lines_behind_an_added_one_have_two_numbers() -> None:
    [place] = differences(OLD, OLD.replace("line 2\n", "line 2\nline 2 b\n"))
    assert place[-1] == Line(5, 6, "line 5")


def test_places_far_apart_are_two() -> None:
    changed = OLD.replace("line 1\n", "").replace("line 20", "")
    assert [len(place) for place in differences(OLD, changed)] == [4, 4]


def test_the_same_file_differs_in_nothing_whatever_its_line_ends() -> None:
    assert differences(OLD, OLD) == []
    assert differences(OLD, OLD.replace("\n", "\r\n") + "\r\n") == []


def test_against_nothing_every_line_is_new() -> None:
    [place] = differences("", OLD)
    assert [line.new for line in place] == list(range(1, 21))
    assert {line.old for line in place} == {None}


def test_of_very_many_changed_lines_none_is_looked_for_in_the_other_file() -> None:
    above, below = "a\nb\nc\nd\n", "w\nx\ny\nz"
    old = above + "".join(f"{number % 7}\n" for number in range(60_000)) + below
    new = above + "".join(f"{number % 11}\n" for number in range(60_000)) + "more\n" + below

    [place] = differences(old, new)

    # The first seven of the sixty thousand are the same in both.
    assert place[:4] == [Line(9, 9, "4"), Line(10, 10, "5"), Line(11, 11, "6"), Line(12, None, "0")]
    assert place[-4] == Line(None, 60_005, "more")
    assert place[-1] == Line(60_007, 60_008, "y")
    assert len(place) == 2 * 59_993 + 1 + 6
