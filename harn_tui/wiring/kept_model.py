"""Which provider a session is opened with: what is asked for, else what it was left with."""

from collections.abc import Sequence
from dataclasses import replace

from harn_tui.config.provider_offers import WELL_KNOWN_SERVERS
from harn_tui.config.schema import Configuration
from harn_tui.errors import HarnError
from harn_tui.events.record import Record
from harn_tui.providers.rate_limit import RateLimits
from harn_tui.store.kept_model import DEMO, KeptModel, kept_model
from harn_tui.wiring.provider import WiredProvider, wire_choice, wire_provider
from harn_tui.wiring.session_request import SessionRequest


def wire_session_provider(
    request: SessionRequest,
    configuration: Configuration,
    records: Sequence[Record],
    limits: RateLimits,
) -> WiredProvider:
    """Return the provider of a session with ``records``.

    It goes on with its own, unless the request names a provider, an address or a script; a model
    that the request names alone is one of its provider. What cannot be used any more gives way,
    with a warning. Raises ConfigError and UsageError.
    """
    kept = kept_model(records)
    is_named = (request.provider, request.base_url, request.script) != (None, None, None)
    if kept is None or is_named:
        return wire_provider(request, configuration, limits)
    try:
        return _wire_kept(kept, request, configuration, limits)
    except HarnError as error:
        wired = wire_provider(request, configuration, limits)
        warning = (
            f"The session had {kept.model} ({kept.provider}), which cannot be used now: {error} "
            f"It goes on with {wired.settings.model} ({wired.settings.name})."
        )
        return replace(wired, warnings=(*wired.warnings, warning))


def _wire_kept(
    kept: KeptModel, request: SessionRequest, configuration: Configuration, limits: RateLimits
) -> WiredProvider:
    wanted = replace(
        request,
        provider=kept.provider,
        model=request.model or (None if kept.provider == DEMO else kept.model),
        base_url=kept.base_url,
    )
    wired = wire_provider(wanted, configuration, limits)
    is_found_here = kept.base_url in {server.base_url for server in WELL_KNOWN_SERVERS}
    if not is_found_here or not kept.is_switched or kept.provider in configuration.providers:
        return wired
    # On such a port anything may listen: it is sent no key, as when it was found.
    return wire_choice(replace(wired.choice, api_key=None), configuration, limits)
