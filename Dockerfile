FROM node:20-slim AS build
WORKDIR /maskline
COPY package.json package-lock.json ./
RUN npm install --no-audit --no-fund
COPY . .
RUN npm run build && npm prune --omit=dev --no-audit --no-fund

FROM node:20-slim
ENV NODE_ENV=production
WORKDIR /maskline
COPY --from=build /maskline/package.json ./
COPY --from=build /maskline/node_modules node_modules
COPY --from=build /maskline/dist dist
USER node
EXPOSE 3000
CMD ["node", "--enable-source-maps", "dist/src/main.js"]
