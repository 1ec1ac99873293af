"""The questions. Each module asks one thing of every partition, in both directions, and cites the catalogue.

`requirements.toml` is the catalogue. A suite knows boards, manifests and the probe protocol; it knows
nothing of an emulator, of a BMC, or of the controller that it judges. Questions that a board or image
cannot be asked are skipped, with the condition that was not met.
"""
