"""Tests of how suites are asked: fixtures, options, evidence, verdicts. No machine is needed."""
