"""Every write there is, on one scene: what people do, marketers, salespeople, and who merges two cards."""
