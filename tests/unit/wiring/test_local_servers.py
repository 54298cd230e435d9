import socket

from harn_tui.config.provider_offers import LocalServer
from harn_tui.local_servers import answering_servers, offer


def test_only_ports_that_take_connections_are_found() -> None:
    with socket.socket() as listening, socket.socket() as closed:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        closed.bind(("127.0.0.1", 0))
        up = LocalServer("up", listening.getsockname()[1])
        down = LocalServer("down", closed.getsockname()[1])
        assert answering_servers((down, up)) == (up,)


def test_offer_names_the_command_to_type() -> None:
    assert offer(()) is None
    text = offer((LocalServer("llama-server", 8080),))
    assert text is not None
    assert "harn-tui --base-url http://127.0.0.1:8080/v1 --model NAME" in text


def test_offer_of_ollama_names_its_own_kind() -> None:
    text = offer((LocalServer("ollama", 11434, "ollama"),))
    assert text is not None
    assert text.endswith("(ollama, port 11434): harn-tui --provider ollama --model NAME")
