"""From samples to figures, verdicts, a table and JSON."""

import json

import pytest

from bench import report
from bench.__main__ import options, wanted
from bench.figures import Fact, Target, figures, judge
from bench.formats import times_ms
from bench.load import Sample
from bench.measure import Measured
from bench.rows import ROWS


def sample(requests, *, p99_us=3000, cpu_us=20.0, errors=0, generator=0.5, seconds=2.0):
    return Sample(requests, seconds, 1000, p99_us, errors, cpu_us, generator, 0.1)


OURS = figures([sample(60_000), sample(80_000), sample(70_000)])
THEIRS = figures([sample(100_000, cpu_us=15.0, p99_us=2000)])
BOTH = {"registan": OURS, "nginx": THEIRS}
NGINX = ("nginx",)


def test_figures_are_medians_with_the_extremes():
    assert (OURS.rate, OURS.rate_min, OURS.rate_max, OURS.rounds) == (35_000, 30_000, 40_000, 3)
    assert (OURS.p50_ms, OURS.p99_ms) == (1.0, 3.0)


def test_a_rate_is_judged_by_its_ratio_and_told_by_processor_time_too():
    verdict = judge(Target("rate", 0.7, to="nginx"), BOTH)
    assert (verdict.value, verdict.by_cpu, verdict.met) == (0.7, 0.75, True)
    assert judge(Target("rate", 0.71, to="nginx"), BOTH).met is False


def test_latencies_must_not_exceed_their_bound():
    assert judge(Target("p99_ms", 1.5, to="nginx"), BOTH).met is True
    assert judge(Target("p99_ms", 1.4, to="nginx"), BOTH).met is False


def test_an_absolute_target_needs_nobody_else():
    verdict = judge(Target("rate", 30_000), {"registan": OURS})
    assert (verdict.value, verdict.by_cpu, verdict.met) == (35_000, 50_000, True)


def test_without_the_other_there_is_no_verdict():
    assert judge(Target("rate", 0.7, to="nginx"), {"registan": OURS}).met is None
    assert judge(Target("rate", 0.7), {}).met is None


def test_errors_meet_no_target():
    failed = figures([sample(1_000_000, errors=1)])
    assert judge(Target("rate", 0.7, to="nginx"), {**BOTH, "registan": failed}).met is False


def test_targets_say_what_they_want():
    said = {str(target) for row in ROWS for target in row.targets}
    assert {"rate ≥ 0.7 × nginx", "p99 ≤ 2 × nginx", "rate ≥ 5,000/s"} <= said


def test_facts_are_bound_from_above_or_below():
    assert Fact("RSS", 44, "MB", 45).met is True
    assert Fact("RSS", 46, "MB", 45).met is False
    assert Fact("files", 900, "/s", 1000, at_least=True).met is False
    assert Fact("compiler", 9, "ms").met is None


def measured(**changed):
    row = ROWS[0]._replace(targets=(Target("rate", 0.7, to="nginx"), Target("rate", 0.9, to="nginx")))
    made = Measured(row, BOTH, [judge(target, BOTH) for target in row.targets], 2057)
    return made._replace(**changed)


def test_the_table_has_a_line_for_each_server_and_target():
    title, ours, theirs, met, missed = report.block(measured(), NGINX).splitlines()
    assert title == "GET /schemas/ids/{id} [id, 2,057 bytes]"
    assert ours.split() == [
        "registan",
        "35,000",
        "30,000-40,000",
        "1.00",
        "3.00",
        "20.0",
        "0.70",
        "0.75",
        "50",
        "10",
    ]
    assert theirs.split()[:2] == ["nginx", "50,000"]
    assert met.strip() == "target rate ≥ 0.7 × nginx: 0.70, by CPU 0.75: met"
    assert missed.strip() == "target rate ≥ 0.9 × nginx: 0.70, by CPU 0.75: NOT MET"


def test_a_rate_that_only_others_spoilt_is_told_apart():
    slow = {**BOTH, "registan": figures([sample(20_000, cpu_us=15.0)])}
    target = Target("rate", 0.7, to="nginx")
    text = report.block(measured(servers=slow, verdicts=[judge(target, slow)]), NGINX)
    assert text.splitlines()[-1].endswith("0.20, by CPU 1.00: NOT MET (by CPU it is)")


def test_lines_are_as_long_as_the_heading():
    names, rule = report.heading(NGINX).splitlines()
    assert len(names) == len(rule) == len(report.block(measured(), NGINX).splitlines()[1])


def test_errors_and_a_full_generator_are_told():
    full = figures([sample(10, errors=3, generator=0.99)])
    line = report.block(measured(servers={"registan": full}), NGINX).splitlines()[1]
    assert "3 ERRORS" in line
    assert "99!" in line


def test_each_yardstick_has_two_columns_of_ratios():
    peer = figures([sample(1_000, cpu_us=400.0)])
    both = ("nginx", "peer")
    text = report.block(measured(servers={**BOTH, "peer": peer}), both)
    _, ours, _, theirs, *_ = text.splitlines()
    assert "  x nginx    by CPU    x peer    by CPU  " in report.heading(both)
    assert ours.split()[6:10] == ["0.70", "0.75", "70.00", "20.00"]
    assert theirs.split()[6:8] == ["0.01", "0.04"], "it is not compared with itself"


def test_who_answers_otherwise_is_told_below_the_servers():
    text = report.block(measured(remarks={"peer": "NOT MEASURED: answers 404"}), NGINX)
    assert text.splitlines()[3] == "  peer: NOT MEASURED: answers 404"


def test_a_row_that_could_not_be_measured_says_why():
    text = report.block(measured(servers={}, problem="peer answers 404 to GET /x"), NGINX)
    assert "NOT MEASURED: peer answers 404 to GET /x" in text


def test_the_summary_counts_and_names_what_is_missed():
    said = report.summary([measured()], [Fact("RSS", 46, "MB", 45), Fact("RSS idle", 40, "MB", 45)])
    first, row, fact = said.splitlines()
    assert first == "2 of 4 targets met"
    assert row.startswith("  id: target rate ≥ 0.9 × nginx")
    assert fact.split() == ["RSS", "46", "MB", "target", "≤", "45:", "NOT", "MET"]


def test_the_document_is_json_and_holds_every_figure():
    made = report.document({"commit": "abc"}, [measured()], [Fact("RSS", 44.123456, "MB", 45)])
    read = json.loads(json.dumps(made))
    assert read["commit"] == "abc"
    (row,) = read["rows"]
    assert row["servers"]["registan"]["rate"] == 35_000
    assert row["servers"]["nginx"]["cpu_us"] == 15
    assert [verdict["met"] for verdict in row["verdicts"]] == [True, False]
    assert row["verdicts"][0]["target"]["says"] == "rate ≥ 0.7 × nginx"
    assert read["facts"][0] == {
        "name": "RSS",
        "value": 44.123,
        "unit": "MB",
        "bound": 45,
        "at_least": False,
        "note": "",
        "met": True,
    }


def test_options_are_from_flags_else_from_the_environment(monkeypatch):
    for name in ("ROWS", "ROUNDS", "SECONDS", "PEER", "WARM", "STORE", "QUICK"):
        monkeypatch.delenv(name, raising=False)
    assert options([]) == ("", 5, 2, "", "memory", False, 1)
    monkeypatch.setenv("ROWS", "look")
    monkeypatch.setenv("QUICK", "1")
    monkeypatch.setenv("SECONDS", "3")
    monkeypatch.setenv("WARM", "20")
    assert options(["--store", "sqlite"]) == ("look", 1, 3, "", "sqlite", True, 20)


def test_a_peer_is_given_by_its_url(monkeypatch, capsys):
    assert options(["--peer", "http://localhost:1/apis/v7"]).peer == "http://localhost:1/apis/v7"
    monkeypatch.setenv("PEER", "localhost:8081")
    with pytest.raises(SystemExit) as ended:
        options([])
    assert ended.value.code == 2
    assert "give http://host:port" in capsys.readouterr().err


def test_rows_are_chosen_by_name_or_title():
    assert wanted("", "id")
    assert wanted("^id$|^check$", "id", "GET /schemas/ids/{id}")
    assert wanted("^id", "id", "GET /schemas/ids/{id}")
    assert wanted("look-up", "lookup", "Look-up of a known text")
    assert not wanted("storm", "id", "GET /schemas/ids/{id}")


def test_works_are_timed_in_turns():
    turns = []
    took = times_ms({"a": lambda: turns.append("a"), "b": lambda: turns.append("b")}, 2)
    assert turns == ["a", "b", "a", "b", "a", "b"]
    assert set(took) == {"a", "b"}
