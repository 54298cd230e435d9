"""The vendors of models: where their own servers are, and what holds the keys for them."""

OPENAI_BASE_URL = "https://api.openai.com/v1"
OPENAI_HOST = "api.openai.com"
OPENAI_KEY_ENV = "OPENAI_API_KEY"

ANTHROPIC_BASE_URL = "https://api.anthropic.com/v1"
ANTHROPIC_HOST = "api.anthropic.com"
ANTHROPIC_KEY_ENV = "ANTHROPIC_API_KEY"
ANTHROPIC_API_VERSION = "2023-06-01"

OLLAMA_BASE_URL = "http://127.0.0.1:11434"
OLLAMA_HOST = "ollama.com"
OLLAMA_KEY_ENV = "OLLAMA_API_KEY"

DEMO_MODEL = "demo"
"""What the demo calls its model."""
