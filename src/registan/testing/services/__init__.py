"""Real database servers for tests and benchmarks, started by them: nothing here is mocked."""
