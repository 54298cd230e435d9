"""The model that a loop's calls go to, with what is known of it."""

from dataclasses import dataclass, field

from harn_tui.providers.base import ModelFacts, Provider


@dataclass(frozen=True, slots=True)
class ModelInUse:
    """A model of a provider.

    ``has_native_tool_search`` tells that its server can search deferred tools itself.
    ``base_url`` is set where the address is not the provider's usual or configured one.
    """

    provider: Provider
    model: str
    facts: ModelFacts = field(default_factory=ModelFacts)
    has_native_tool_search: bool = False
    base_url: str | None = None
