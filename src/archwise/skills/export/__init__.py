"""From one folder of skills to a marketplace and to each agent's own form."""
