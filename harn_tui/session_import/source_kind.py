"""The formats that can be imported, by the words of the command line."""

from enum import StrEnum


class SourceKind(StrEnum):
    """Whose file it is. The value is what ``--as`` takes and what a notice calls it."""

    HARN_LOG = "harn-log"
    EXPORT = "export"
    RUN_RECORD = "run-record"
    LLM_MOCK = "llm-mock"
    CLAUDE_CODE = "claude-code"
    CODEX = "codex"
    SWE_AGENT = "swe-agent"
    MINI_SWE_AGENT = "mini-swe-agent"
    ACP = "acp"

    @property
    def words(self) -> str:
        """What a person calls the format."""
        return _WORDS[self]

    @property
    def event_prefix(self) -> str:
        """What the types of events begin with that have no counterpart here."""
        return self.value.replace("-", "_")


_WORDS = {
    SourceKind.HARN_LOG: "a harn event log",
    SourceKind.EXPORT: "an exported session",
    SourceKind.RUN_RECORD: "a harn run record",
    SourceKind.LLM_MOCK: "recorded model replies",
    SourceKind.CLAUDE_CODE: "a Claude Code session",
    SourceKind.CODEX: "a Codex rollout",
    SourceKind.SWE_AGENT: "a SWE-agent trajectory",
    SourceKind.MINI_SWE_AGENT: "a mini-swe-agent trajectory",
    SourceKind.ACP: "an Agent Client Protocol stream",
}
