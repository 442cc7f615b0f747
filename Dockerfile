FROM node:24-slim AS build
WORKDIR /maskline
COPY package.json package-lock.json ./
RUN npm ci --no-audit --no-fund
COPY . .
RUN npm run build

# What runs: no packages of development, and none of the optional ones, which hold the PostgreSQL for trying out.
FROM node:24-slim AS packages
WORKDIR /maskline
COPY package.json package-lock.json ./
RUN npm ci --omit=dev --omit=optional --no-audit --no-fund

FROM node:24-slim
ENV NODE_ENV=production
WORKDIR /maskline
COPY package.json ./
COPY --from=packages /maskline/node_modules node_modules
COPY --from=build /maskline/dist dist
USER node
EXPOSE 3000
CMD ["node", "--enable-source-maps", "dist/src/main.js"]
