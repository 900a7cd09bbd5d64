"""Files of others are opened here only: in a process of their own that can do nothing else.

`program` is that process, `limits` what it gives up before it looks at the first byte, `archives`,
`documents` and `pictures` what it finds out and draws; they import nothing of the chassis.
`running` is the other side: it starts the process, bounds its time and hands its answer on.
docs/attachments.md.
"""
