.DEFAULT_GOAL := help
.PHONY: help start demo test check bench psql up down

help: ## List the ways in
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

node_modules: package.json package-lock.json
	npm install --no-audit --no-fund
	@touch node_modules

start: node_modules ## Run Maskline here: PostgreSQL, queue and provider come with it
	npm start

demo: node_modules ## Play one order's life in the terminal
	npm run demo

test: node_modules ## Run all tests
	npm test

check: node_modules ## Types, lint, format, import ladder
	npm run check

bench: node_modules ## Measure, beside a bare server and pgbench
	npm run bench

psql: ## Open the database of a running `make start` (or of DATABASE_URL) in psql
	@if [ -n "$$DATABASE_URL" ]; then exec psql "$$DATABASE_URL"; fi; \
	PGPASSWORD=$$(cat data/postgres/superuser.password) \
	  exec psql -h 127.0.0.1 -p "$$(sed -n 4p data/postgres/postmaster.pid)" -U maskline maskline

up: .env ## The production shape, in containers: api, worker, PostgreSQL, Redis
	docker compose up --build --wait

down: ## Stop it again; what it stored stays
	docker compose down

.env:
	@echo 'No .env yet: cp .env.example .env, and fill in what it says is required.' >&2; exit 1
