# syntax=docker/dockerfile:1.7@sha256:a57df69d0ea827fb7266491f2813635de6f17269be881f696fbfdf2d83dda33e
#
# caldp and every calibration program, for a user called developer.
#
#   docker build --tag caldp .
#   docker build --tag caldp --build-arg CAL_BASE_IMAGE=stsci/hst-pipeline:stable .
#   docker build --tag caldp --secret id=ca_certificates,src=my-ca.pem .
#
# CAL_BASE_IMAGE is an image that has the engines; by default it is made here from conda-forge.
ARG CAL_BASE_IMAGE=conda-forge

# ---- HSTCAL and Python from conda-forge ----------------------------------------------------------------------------
FROM mambaorg/micromamba:2.8.1-debian12-slim@sha256:c8198d53228ad7cfd7adcc0704e8837f9d1c9327fb363c6a7d3c5b1a51a4b561 AS solved
USER root
COPY environment.yml /tmp/environment.yml
# Of environment.yml only what comes from conda-forge: what comes from PyPI changes more often and is a later layer.
RUN --mount=type=secret,id=ca_certificates,required=false \
    cat /etc/ssl/certs/ca-certificates.crt > /tmp/ca-bundle.pem \
    && if [ -s /run/secrets/ca_certificates ]; then cat /run/secrets/ca_certificates >> /tmp/ca-bundle.pem; fi \
    && sed '/- pip:/,$d' /tmp/environment.yml > /tmp/conda.yml \
    && REQUESTS_CA_BUNDLE=/tmp/ca-bundle.pem micromamba create --yes --prefix /opt/caldp --file /tmp/conda.yml \
    && find /opt/caldp -name '*.a' -delete \
    && find /opt/caldp -name '__pycache__' -prune -exec rm -r {} +
USER ${MAMBA_USER}

FROM debian:bookworm-slim@sha256:3783cc01769c7b2b1b83a5c5ad96c815348e28ed7da68e2e3687004faa906251 AS conda-forge
COPY --from=solved /opt/caldp /opt/caldp

# ---- Python and the engines, from here or elsewhere ----------------------------------------------------------------
# hadolint ignore=DL3006
FROM ${CAL_BASE_IMAGE} AS base
# hadolint ignore=DL3002
USER root
# /opt/caldp is where our own base has Python, /opt/conda/envs/linux where stsci/hst-pipeline has it.
ENV PATH=/opt/crds_plugin:/opt/caldp/bin:/opt/conda/envs/linux/bin:/opt/conda/condabin:/opt/conda/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
    SSL_CERT_FILE=/etc/ssl/caldp-ca-bundle.pem \
    REQUESTS_CA_BUNDLE=/etc/ssl/caldp-ca-bundle.pem \
    CURL_CA_BUNDLE=/etc/ssl/caldp-ca-bundle.pem \
    AWS_CA_BUNDLE=/etc/ssl/caldp-ca-bundle.pem \
    PIP_CERT=/etc/ssl/caldp-ca-bundle.pem \
    LANG=C.UTF-8 \
    PYTHONUNBUFFERED=1
# What is trusted: the usual certificates, which pip brings along, and yours where a firewall signs with its own.
RUN --mount=type=secret,id=ca_certificates,required=false \
    mkdir -p /etc/ssl \
    && cat "$(python -c 'from pip._vendor import certifi; print(certifi.where())')" > /etc/ssl/caldp-ca-bundle.pem \
    && if [ -s /run/secrets/ca_certificates ]; then cat /run/secrets/ca_certificates >> /etc/ssl/caldp-ca-bundle.pem; fi

# ---- Our wheel -----------------------------------------------------------------------------------------------------
# Files are copied, not mounted: Podman's builder looks at the content of what is copied only, and would take the layers
# of an earlier lock or wheel for these.
FROM base AS wheel
# Of two builds the same files come, whenever they are: hash seed, and a time for what keeps one (1980, where zip begins).
ARG PYTHONHASHSEED=0 SOURCE_DATE_EPOCH=315532800
WORKDIR /build
COPY locks/build.txt /tmp/
RUN pip install --no-cache-dir --require-hashes --requirement /tmp/build.txt
COPY LICENSE README.md constraints.txt pyproject.toml ./
RUN printf '%s\n' \
        'import tomllib' \
        'project = tomllib.load(open("/build/pyproject.toml", "rb"))["project"]' \
        'print(*project["dependencies"], sep="\n")' \
        > /tmp/requirements.py \
    && python /tmp/requirements.py > /tmp/requirements.txt
COPY scripts scripts
COPY src src
# The context has no repository to take the version from; `caldp docker build` gives it.
ARG CALDP_BUILD_VERSION
RUN pip wheel --no-cache-dir --no-deps --no-build-isolation --wheel-dir /wheels .

# ---- The image -----------------------------------------------------------------------------------------------------
FROM base AS caldp
ARG CAL_BASE_IMAGE
# As above; Python then knows compiled modules by the hash of their source, and not by its time.
ARG PYTHONHASHSEED=0 SOURCE_DATE_EPOCH=315532800
RUN (id developer >/dev/null 2>&1 || useradd --create-home --shell /bin/bash developer) \
    && mkdir -p /grp/crds/cache \
    && chown -R developer: /home/developer /grp/crds

# What we need of PyPI, as a layer that only changes with the locks; only files whose hashes they have are used.
# Another base has packages of its own, which are left as they are where they satisfy us.
COPY locks/caldp.txt locks/engines.txt /tmp/locks/
COPY --from=wheel /tmp/requirements.txt /tmp/locks/
RUN if [ "${CAL_BASE_IMAGE}" = conda-forge ]; then \
        pip install --no-cache-dir --require-hashes --requirement /tmp/locks/engines.txt; \
    else \
        pip wheel --no-cache-dir --no-deps --require-hashes --wheel-dir /tmp/wheels --requirement /tmp/locks/caldp.txt \
        && pip install --no-cache-dir --no-index --find-links /tmp/wheels --requirement /tmp/locks/requirements.txt \
        && rm -r /tmp/wheels; \
    fi \
    && rm -r /tmp/locks

COPY --from=wheel /wheels /tmp/wheels
RUN pip install --no-cache-dir --no-deps /tmp/wheels/*.whl \
    && rm -r /tmp/wheels \
    && ln -s "$(python -c 'from caldp.adapters.references.crds_s3_get import plugin_directory; print(plugin_directory())')" \
        /opt/crds_plugin

# Goes into the headers of products as CSYS_VER; `caldp docker build` gives it.
ARG CSYS_VER=${CAL_BASE_IMAGE}
ENV CSYS_VER=${CSYS_VER} \
    CALDP_DOCKER=1 \
    HOME=/home/developer
LABEL org.opencontainers.image.title="caldp" \
      org.opencontainers.image.description="From the name of a Hubble dataset to its calibrated products" \
      org.opencontainers.image.licenses="BSD-3-Clause" \
      org.opencontainers.image.base.name="${CAL_BASE_IMAGE}"

USER developer
WORKDIR /home/developer
HEALTHCHECK --interval=5m --timeout=60s --start-period=30s CMD ["caldp", "--version"]
CMD ["caldp", "--help"]
