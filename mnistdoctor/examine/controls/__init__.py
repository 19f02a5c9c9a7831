"""Controls: further observations, made only after a failure and only when a rule asks, by the target's own route."""
