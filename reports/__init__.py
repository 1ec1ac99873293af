"""Reports write down what `harness.judge` computed: a page, JUnit for CI, extras for Allure, live progress.

Nothing here computes a verdict. The same results and logs give the same report, byte for byte: no time of
writing, no path of this machine. What comes from a console is hostile input, see `reports.visible`.
"""
