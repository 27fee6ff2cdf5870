# Builds Top-Server in one image, and runs it in a small one.
#
#   docker build -t topserver .
#   docker run --rm -p 127.0.0.1:8845:8845 --pid=host -v topserver:/var/lib/topserver topserver
#
# Without --pid=host it shows only the processes of its own container. If that flag is not allowed, mount the host's
# /proc instead: -v /proc:/host/proc:ro -e TOPSERVER_PROC=/host/proc
#
# podman and buildah include the health check only with --format docker.

ARG BUILD_IMAGE=swift:6.3-bookworm
ARG RUNTIME_IMAGE=debian:bookworm-slim

FROM ${BUILD_IMAGE} AS build
# Only libcurl's headers are used; Swift's images already have this one of its two packages.
RUN apt-get update \
    && apt-get install -y --no-install-recommends \
        libcurl4-openssl-dev libdeflate-dev libgnutls28-dev libjansson-dev libmicrohttpd-dev \
        libpcre2-dev libsqlite3-dev libwslay-dev libyaml-dev nettle-dev pkg-config \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /source
# The packages change less often than our sources, so they get their own layer.
COPY Package.swift ./
RUN swift package resolve
# The manifest names the test targets too, so their folders must exist.
COPY Tests Tests
COPY Sources Sources
RUN swift build -c release --static-swift-stdlib --product topserver \
    && strip .build/release/topserver

FROM ${RUNTIME_IMAGE}
LABEL org.opencontainers.image.title="Top-Server" \
      org.opencontainers.image.description="Serves every process's 60-second CPU averages over HTTP" \
      org.opencontainers.image.licenses="Apache-2.0"
# Swift's runtime needs the C++ library; most base images have it already. Only a webhook and
# `topserver report` load libcurl.
RUN apt-get update \
    && apt-get install -y --no-install-recommends \
        ca-certificates libcurl3-gnutls libdeflate0 libgnutls30 libjansson4 libjs-dygraphs \
        libmicrohttpd12 libnettle8 libpcre2-8-0 libsqlite3-0 libstdc++6 libwslay1 libyaml-0-2 \
    && rm -rf /var/lib/apt/lists/* /var/cache/apt/* \
    && groupadd --gid 10001 topserver \
    && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /nonexistent \
        --shell /usr/sbin/nologin topserver \
    && install --directory --mode=0700 --owner=10001 --group=10001 /var/lib/topserver
COPY LICENSE /usr/share/doc/topserver/copyright
COPY static /usr/share/topserver/static
COPY --from=build /source/.build/release/topserver /usr/bin/topserver
# A number shows an orchestrator that the user is not root.
USER 10001:10001
# The loopback address of a container is not reachable from outside.
ENV TOPSERVER_HOST=0.0.0.0
# The history outlives the container. A volume gets its owner from the folder.
ENV TOPSERVER_DATA=/var/lib/topserver
VOLUME /var/lib/topserver
EXPOSE 8845
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=6s --start-period=5s --retries=3 \
    CMD ["topserver", "health"]
ENTRYPOINT ["topserver"]
