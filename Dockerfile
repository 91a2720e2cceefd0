# The one image, `--target platecast`, has the program and its page. For docker-compose.yml there are two: `--target backend`
# (the program, nothing else) and `--target frontend` (nginx with the built page).
#
# After the two fetch steps nothing is taken from the network: what is built is what the lock files name. Builds with
# BuildKit and with the old builder, for amd64 and arm64: with BuildKit `--platform linux/arm64` compiles on the
# machine's own architecture, with the old builder `--build-arg TARGETARCH=arm64` does.

ARG RUST_IMAGE=rust:1.95-slim-bookworm
ARG NODE_IMAGE=node:22-bookworm-slim
ARG NGINX_IMAGE=nginx:1.28-alpine
# A list of what is inside is made from the lock files: a static program does not say it.
ARG BUILDKIT_SBOM_SCAN_CONTEXT=true

# The old builder knows no BUILDPLATFORM; `linux` alone is the machine's own.
FROM --platform=${BUILDPLATFORM:-linux} ${RUST_IMAGE} AS fetched
ARG TARGETARCH
ARG LIBC=gnu
COPY docker/cross /usr/local/bin/
RUN cross setup
WORKDIR /src
COPY Cargo.toml Cargo.lock ./
COPY tests/virtual-printer/Cargo.toml tests/virtual-printer/
# Cargo wants to see what a manifest names before it fetches or builds anything.
RUN mkdir -p src tests/it tests/virtual-printer/src \
    && touch src/lib.rs tests/it/main.rs tests/virtual-printer/src/lib.rs \
    && echo 'fn main() {}' | tee src/main.rs > tests/virtual-printer/src/main.rs \
    && cargo fetch --locked
ENV CARGO_NET_OFFLINE=true

FROM --platform=${BUILDPLATFORM:-linux} ${NODE_IMAGE} AS page-fetched
WORKDIR /src/frontend
COPY frontend/package.json frontend/package-lock.json ./
RUN npm ci --ignore-scripts --no-audit --no-fund
ENV npm_config_offline=true

FROM fetched AS dependencies
# The old builder forgets them at the end of each stage.
ARG TARGETARCH
ARG LIBC=gnu
RUN cross cargo build --release --locked --package platecast

FROM dependencies AS program
ARG TARGETARCH
ARG LIBC=gnu
COPY src src
# The stand-ins above are younger than the sources may be.
RUN touch src/lib.rs src/main.rs \
    && cross cargo build --release --locked --package platecast \
    && cp "target/$(cross triple)/release/platecast" /platecast \
    && install -d /empty

FROM scratch AS backend
COPY --from=program /platecast /platecast
COPY --from=program --chown=65532:65532 /empty /data
USER 65532:65532
ENV BIND_ADDR=0.0.0.0:8080 DB_PATH=/data/printers.db
EXPOSE 8080
VOLUME /data
HEALTHCHECK --interval=5s --timeout=3s --start-period=5s CMD ["/platecast", "healthcheck"]
ENTRYPOINT ["/platecast"]

FROM page-fetched AS page
ARG VITE_HLS_LOW_LATENCY=true
ARG VITE_BASE=/
COPY frontend ./
RUN npm run build

FROM page AS page-for-nginx
RUN find dist -type f \( -name '*.html' -o -name '*.js' -o -name '*.css' -o -name '*.svg' \) -exec gzip -9 -k -n {} +

FROM ${NGINX_IMAGE} AS frontend
COPY nginx /etc/platecast
COPY --from=page-for-nginx /src/frontend/dist /srv/platecast
USER 65532:65532
EXPOSE 8080
STOPSIGNAL SIGQUIT
HEALTHCHECK --interval=5s --timeout=3s --start-period=5s CMD ["wget", "-q", "-O", "/dev/null", "http://127.0.0.1:8080/"]
ENTRYPOINT ["/etc/platecast/start"]
CMD ["/etc/platecast/frontend.conf"]

# The last one, so that `docker build .` makes it. For a LAN: it listens on every address, and keeps the access codes to itself.
FROM scratch AS platecast
COPY --from=program /platecast /platecast
COPY --from=page /src/frontend/dist /frontend
# A new named volume takes the owner along: nothing has to run as root before.
COPY --from=program --chown=65532:65532 /empty /data
USER 65532:65532
ENV BIND_ADDR=0.0.0.0:8080 DB_PATH=/data/printers.db ACCESS_CODES=hide
EXPOSE 8080
VOLUME /data
HEALTHCHECK --interval=5s --timeout=3s --start-period=5s CMD ["/platecast", "healthcheck"]
ENTRYPOINT ["/platecast"]
