"""The trap-and-route core, asked directly through its Python extension. Needs no machine and no board.

`plans.py` describes machines and partitions and packs them into blocks, `strategies.py` generates them; the
rules that the answers are compared with are written here once more, from the paper and the architecture
manuals, and never taken from the core.
"""
