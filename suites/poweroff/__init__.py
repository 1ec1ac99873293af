"""PWR: no software power-off or reset of one OS takes the machine down (paper §3.3(3))."""
