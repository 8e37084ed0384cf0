# syntax=docker/dockerfile:1.7
#
# caldp and every calibration program, for a user called developer.
#
#   docker build --tag caldp .
#   docker build --tag caldp --build-arg CAL_BASE_IMAGE=stsci/hst-pipeline:stable .
#   docker build --tag caldp --secret id=ca_certificates,src=my-ca.pem .
#
# CAL_BASE_IMAGE is an image that has the engines; by default it is made here from conda-forge.
ARG CAL_BASE_IMAGE=conda-forge

# ---- What is trusted: the usual certificates, and yours where a firewall signs with its own ------------------------
FROM python:3.12-slim-bookworm AS certificates
RUN --mount=type=secret,id=ca_certificates,required=false \
    cp /etc/ssl/certs/ca-certificates.crt /ca-bundle.pem \
    && if [ -s /run/secrets/ca_certificates ]; then cat /run/secrets/ca_certificates >> /ca-bundle.pem; fi

# ---- Our wheel -----------------------------------------------------------------------------------------------------
FROM certificates AS wheel
ENV PIP_CERT=/ca-bundle.pem
WORKDIR /build
RUN pip install --no-cache-dir hatchling==1.27.0
COPY LICENSE README.md pyproject.toml ./
COPY src src
RUN pip wheel --no-cache-dir --no-deps --no-build-isolation --wheel-dir /wheels .

# ---- HSTCAL and Python from conda-forge ----------------------------------------------------------------------------
FROM mambaorg/micromamba:2.5.0-debian12-slim AS solved
COPY --from=certificates /ca-bundle.pem /tmp/ca-bundle.pem
ENV REQUESTS_CA_BUNDLE=/tmp/ca-bundle.pem
USER root
COPY environment.yml /tmp/environment.yml
# Of environment.yml only what comes from conda-forge: what comes from PyPI changes more often and is a later layer.
RUN sed '/- pip:/,$d' /tmp/environment.yml > /tmp/conda.yml \
    && micromamba create --yes --prefix /opt/caldp --file /tmp/conda.yml \
    && find /opt/caldp -name '*.a' -delete \
    && find /opt/caldp -name '__pycache__' -prune -exec rm -r {} +
USER ${MAMBA_USER}

FROM debian:bookworm-slim AS conda-forge
COPY --from=solved /opt/caldp /opt/caldp

# ---- The image -----------------------------------------------------------------------------------------------------
# hadolint ignore=DL3006
FROM ${CAL_BASE_IMAGE} AS caldp
ARG CAL_BASE_IMAGE
USER root
COPY --from=certificates /ca-bundle.pem /etc/ssl/caldp-ca-bundle.pem
# /opt/caldp is where our own base has Python, /opt/conda/envs/linux where stsci/hst-pipeline has it.
ENV PATH=/opt/crds_plugin:/opt/caldp/bin:/opt/conda/envs/linux/bin:/opt/conda/condabin:/opt/conda/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
    SSL_CERT_FILE=/etc/ssl/caldp-ca-bundle.pem \
    REQUESTS_CA_BUNDLE=/etc/ssl/caldp-ca-bundle.pem \
    CURL_CA_BUNDLE=/etc/ssl/caldp-ca-bundle.pem \
    AWS_CA_BUNDLE=/etc/ssl/caldp-ca-bundle.pem \
    PIP_CERT=/etc/ssl/caldp-ca-bundle.pem \
    LANG=C.UTF-8 \
    PYTHONUNBUFFERED=1
RUN (id developer >/dev/null 2>&1 || useradd --create-home --shell /bin/bash developer) \
    && mkdir -p /grp/crds/cache \
    && chown -R developer: /home/developer /grp/crds

# What we need of PyPI, as a layer that only changes with the two files. Another base has engines of its own, which
# our constraints must not move.
RUN --mount=type=bind,source=pyproject.toml,target=/tmp/pyproject.toml \
    --mount=type=bind,source=constraints.txt,target=/tmp/constraints.txt \
    printf '%s\n' \
        'import sys, tomllib' \
        'project = tomllib.load(open("/tmp/pyproject.toml", "rb"))["project"]' \
        'extras = project["optional-dependencies"]' \
        'print(*project["dependencies"], *(line for name in sys.argv[1:] for line in extras[name]), sep="\n")' \
        > /tmp/requirements.py \
    && if [ "${CAL_BASE_IMAGE}" = conda-forge ]; then \
        python /tmp/requirements.py engines > /tmp/requirements.txt \
        && pip install --no-cache-dir --constraint /tmp/constraints.txt --requirement /tmp/requirements.txt; \
    else \
        python /tmp/requirements.py > /tmp/requirements.txt \
        && pip install --no-cache-dir --requirement /tmp/requirements.txt; \
    fi \
    && rm /tmp/requirements.py /tmp/requirements.txt

RUN --mount=type=bind,from=wheel,source=/wheels,target=/wheels \
    pip install --no-cache-dir --no-deps /wheels/*.whl \
    && ln -s "$(python -c 'from caldp.adapters.crds_s3_get import plugin_directory; print(plugin_directory())')" \
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
