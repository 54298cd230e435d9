import json
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from harn_tui.errors import HarnError
from harn_tui.session_export.comparison import compare, comparison_object
from harn_tui.session_export.comparison_text import comparison_text
from harn_tui.session_export.exported import load_exported
from harn_tui.session_export.html_page import html_page
from harn_tui.session_export.json_lines import json_lines
from harn_tui.session_export.markdown import markdown
from harn_tui.session_export.model_script import model_script, recorded_replies
from harn_tui.store.log_reader import read_records
from tests.unit.session_export.sessions import RECORDED

LOGS = sorted(RECORDED.glob("*.jsonl"))
VALUES: list[object] = [None, True, -1, 1e300, "", "x\u0000\ud800`", [], {}, [[]], {"a": [1]}]


def _changed(value: object, place: int, new: object) -> object:
    """Return the JSON value with its member number ``place``, counted depth first, replaced."""
    counter = iter(range(10**9))

    def walk(item: object) -> object:
        if next(counter) == place:
            return new
        if isinstance(item, dict):
            return {key: walk(member) for key, member in item.items()}
        if isinstance(item, list):
            return [walk(member) for member in item]
        return item

    return walk(value)


@settings(
    max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_whatever_a_log_holds_is_exported_or_refused_in_words(
    data: st.DataObject, tmp_path: Path
) -> None:
    lines = data.draw(st.sampled_from(LOGS)).read_text(encoding="utf-8").splitlines()
    for _ in range(data.draw(st.integers(1, 4))):
        number = data.draw(st.integers(0, len(lines) - 1))
        place, new = data.draw(st.integers(0, 40)), data.draw(st.sampled_from(VALUES))
        lines[number] = json.dumps(_changed(json.loads(lines[number]), place, new))
    log = tmp_path / "log.jsonl"
    log.write_text("\n".join(lines), encoding="utf-8", errors="replace")
    try:
        session = load_exported(str(log), tmp_path, environment={})
    except HarnError:
        return
    markdown(session)
    assert json.loads(html_page(session).split('type="application/json">')[1].split("</script>")[0])
    for line in json_lines(session):
        assert isinstance(json.loads(line), dict)
    json.dumps(model_script(session.records))
    recorded_replies(session.records)
    comparison = compare(read_records(log), session.records)
    json.dumps(comparison_object(comparison))
    comparison_text(comparison)
