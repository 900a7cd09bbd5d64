"""Says what became of everything that was asked, from the journal, the databases and the broker.

It shares no code with the platform, nor with the rest of the drill (an import rule sees to it):
plain SQL, plain AMQP, its own canonical JSON and its own reading of signatures. What it knows of
the platform is what is written down for everybody: the contract, the states, the topology, how a
snapshot is sealed and a receipt proves it.
"""
