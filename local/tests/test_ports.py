import socket

from otsp_local.ports import SERVER_PORTS, RememberedPorts, first_free_port, free_port, is_free


def listening(port=0):
    server = socket.create_server(("127.0.0.1", port))
    return server, server.getsockname()[1]


def test_a_port_is_remembered(tmp_path):
    ports = RememberedPorts(tmp_path / "ports.json")
    chosen = ports.port_of("gateway", is_ours=False)

    assert RememberedPorts(tmp_path / "ports.json").port_of("gateway", is_ours=False) == chosen


def test_a_remembered_port_that_somebody_else_took_is_given_up(tmp_path):
    ports = RememberedPorts(tmp_path / "ports.json")
    chosen = ports.port_of("gateway", is_ours=False)
    server, _ = listening(chosen)

    with server:
        assert ports.port_of("gateway", is_ours=True) == chosen
        assert ports.port_of("gateway", is_ours=False) != chosen


def test_two_programs_never_get_the_same_port(tmp_path):
    ports = RememberedPorts(tmp_path / "ports.json")
    first = ports.port_of("one", is_ours=False)

    assert ports.port_of("two", is_ours=False, choose=lambda: first) != first


def test_the_wanted_port_or_the_next_free_one():
    wanted = free_port()
    assert first_free_port(wanted) == wanted

    server, taken = listening()
    with server:
        assert not is_free(taken)
        assert first_free_port(taken) > taken


def test_servers_keep_away_from_the_ports_of_outgoing_connections():
    assert {free_port() in SERVER_PORTS for _ in range(20)} == {True}
