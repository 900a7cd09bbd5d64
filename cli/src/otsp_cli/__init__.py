"""The otsp command. It runs services on this side and talks to a gateway on the other."""
