"""How a daemon idles, wakes and gives up (docs/loop.md, daemon mode)."""

from tests.e2e.loop_tables.case import Case, Holding, Said, ended, event, feedback, recorded
from tests.e2e.loop_tables.forms import NATIVE, READ, WRITE, loop

WATCH = 'watch_paths = ["out.txt"]\n'
GIVE_UP = "idle_watchdog_attempts = 1\n"
TIMER = "wake_interval_ms = 1\n"
PERSIST = 'persist_path = "state/daemon.json"\n'
STOP = 'stop_after_successful_tools = ["read_file"]\n'
SHORTEN = 'compaction = { type = "truncate", keep_last = 1 }\n'
HM = NATIVE.says("hm")


def _daemon(options: str) -> str:
    return loop(f"daemon = true\n{options}")


DAEMON_CASES = [
    Case(
        "step 3: a snapshot is written when it idles",
        [NATIVE.says("nothing to do")],
        "idle",
        _daemon(PERSIST),
        result={"daemon_state": "idle", "daemon_snapshot_path": Holding("state/daemon.json")},
        leaves={
            "state/daemon.json": {
                "_type": "daemon_snapshot",
                "daemon_state": "idle",
                "total_iterations": 1,
                "visible_messages": [{"role": "user"}, {"role": "assistant"}],
            }
        },
    ),
    Case(
        "step 2: the history is compacted when it idles",
        [NATIVE.says("nothing to do. " * 1000)],
        "idle",
        _daemon(f"consolidate_on_idle = true\ncompact_threshold = 2000\n{SHORTEN}"),
        shows=[
            event("turn_end"),
            event("transcript_compacted", mode="auto"),
            event("loop_end", status="idle"),
        ],
    ),
    Case(
        "step 2: not unless that is wanted",
        [NATIVE.says("nothing to do. " * 1000)],
        "idle",
        _daemon(f"compact_threshold = 2000\n{SHORTEN}"),
        hides=[event("transcript_compacted")],
    ),
    Case(
        "step 4: nothing can wake it",
        [HM],
        "idle",
        _daemon(GIVE_UP),
        shows=[event("turn_end"), event("loop_end", status="idle")],
        hides=[event("daemon_watchdog_tripped"), event("notice", text=Holding("waits"))],
        turns=[{"status": "idle", "failed": False, "text": "hm"}],
    ),
    Case(
        "step 6: the timer wakes it, each time for one turn",
        [HM, HM, NATIVE.calls(READ)],
        "idle",
        _daemon(TIMER + STOP),
        shows=[
            event("turn_end", iteration=0),
            event("notice", text=Holding("waits")),
            feedback("timer", "1 ms"),
            ended(2),
            feedback("timer"),
            ended(3),
        ],
        turns=[{"status": "daemon_wake"}, {"status": "daemon_wake"}, {"tool_count": 1}],
    ),
    Case(
        "step 6: the timer's turns are used up like any others",
        [HM, HM],
        "budget_exhausted",
        _daemon(f"{TIMER}max_iterations = 2\n"),
        shows=[ended(2), event("budget_exhausted", reason="iterations")],
    ),
    Case(
        "step 6: 10.32: a watched file that came to be wakes it",
        [NATIVE.calls(WRITE), HM, NATIVE.calls(READ)],
        "idle",
        _daemon(WATCH + GIVE_UP + STOP),
        ("--yes",),
        shows=[
            event("turn_end", iteration=1),
            feedback("watch", "out.txt"),
            event("llm_call_start", call=3),
        ],
        turns=[{"tool_count": 1}, {"status": "daemon_wake"}, {"tool_count": 1}],
    ),
    Case(
        "step 6: somebody's words wake it and are all that it is told",
        [HM, NATIVE.calls(READ)],
        "idle",
        _daemon(WATCH + STOP),
        says=[Said("notice", '{"type":"user_message","mode":"finish_step","content":"go on"}')],
        shows=[
            event("notice", text=Holding("waits", "1 path")),
            event("feedback_injected", kind="user", content="go on"),
            recorded("user", "go on"),
            ended(2),
        ],
        hides=[feedback("watch"), feedback("resume"), feedback("timer")],
        turns=[{"status": "daemon_wake"}, {"tool_count": 1}],
    ),
    Case(
        "step 6: 10.32: words for after the run wake it too",
        [HM, NATIVE.calls(READ)],
        "idle",
        _daemon(WATCH + STOP),
        says=[Said("notice", '{"type":"user_message","content":"go on"}')],
        shows=[event("feedback_injected", content="go on"), ended(2), event("loop_end")],
    ),
    Case(
        "step 7: waits in vain, then it gives up",
        [HM],
        "watchdog",
        _daemon("idle_watchdog_attempts = 2\n" + WATCH + PERSIST),
        shows=[
            event("turn_end"),
            event("notice", text=Holding("waits")),
            event("daemon_watchdog_tripped", attempts=2),
            event("loop_end", status="watchdog"),
        ],
        turns=[{"status": "watchdog", "failed": False}],
        leaves={"state/daemon.json": {"daemon_state": "watchdog"}},
    ),
    Case(
        "step 7: 0 gives up at the first wait in vain",
        [HM],
        "watchdog",
        _daemon("idle_watchdog_attempts = 0\n" + WATCH),
        shows=[event("daemon_watchdog_tripped", attempts=1)],
    ),
    Case(
        "cancelled while it waits",
        [HM],
        "cancelled",
        _daemon(WATCH),
        says=[Said("notice", '{"type":"cancel"}')],
        shows=[event("turn_end"), event("notice"), event("loop_end", status="cancelled")],
        result={"daemon_state": "cancelled"},
    ),
    Case(
        "a snapshot is taken up, the new prompt behind it",
        [HM],
        "idle",
        _daemon('resume_path = "before.json"\n'),
        files={
            "before.json": '{"_type":"daemon_snapshot","total_iterations":4,"visible_messages":'
            '[{"role":"user","content":"earlier"},{"role":"assistant","content":"seen"}]}'
        },
        shows=[
            recorded("user", "earlier"),
            recorded("assistant", "seen"),
            recorded("user", "do it"),
            recorded("assistant", "hm"),
        ],
        result={"llm": {"iterations": 5}},
        leaves={"before.json": {"total_iterations": 5}},
    ),
    Case(
        "a snapshot that is none",
        [HM],
        "error",
        _daemon('resume_path = "config.toml"\n'),
        hides=[event("llm_call_start")],
        result={"error": Holding("config.toml")},
    ),
]
