.DEFAULT_GOAL := help
.PHONY: help start demo test check bench psql up down

help: ## List these commands
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

node_modules: package.json package-lock.json
	npm install --no-audit --no-fund
	@touch node_modules

start: node_modules ## Start Maskline with an embedded PostgreSQL and a simulated provider
	npm start

demo: node_modules ## Show the life of an order in the terminal
	npm run demo

test: node_modules ## Run all tests
	npm test

check: node_modules ## Check types, lint, format and the import ladder
	npm run check

bench: node_modules ## Run the benchmark
	npm run bench

psql: ## Open the database of a running `make start` (or of DATABASE_URL) in psql
	@if [ -n "$$DATABASE_URL" ]; then exec psql "$$DATABASE_URL"; fi; \
	PGPASSWORD=$$(cat data/postgres/superuser.password) \
	  exec psql -h 127.0.0.1 -p "$$(sed -n 4p data/postgres/postmaster.pid)" -U maskline maskline

up: .env ## Start a production setup in containers: api, worker, PostgreSQL, Redis
	docker compose -f deploy/docker-compose.yml --env-file .env up --build --wait

down: ## Stop the containers; their data stays
	docker compose -f deploy/docker-compose.yml --env-file .env down

.env:
	@echo 'No .env yet: cp .env.example .env, and fill in what it says is required.' >&2; exit 1
