# syntax=docker/dockerfile:1
# Two images from one file. `web` takes comments in and shows the queue: it scores nothing, and
# carries no model runtime. `worker` scores them, on ONNX Runtime.
#
# MODEL is `bundled`, or one of Detoxify's own: `original`, `unbiased`, `multilingual`. For those the
# weights are fetched and exported while the image is built; torch stays behind in that stage. pip
# reads PIP_EXTRA_INDEX_URL by itself: name an index of CPU builds of torch there, or that stage
# fetches gigabytes for graphics cards.
ARG MODEL=bundled

FROM python:3.12-slim AS python
ENV PATH=/opt/moderation/bin:$PATH \
    PIP_DISABLE_PIP_VERSION_CHECK=1 \
    PYTHONUNBUFFERED=1


# The package, and an environment to install it into. It is copied as a whole into the final images,
# so that pip and its cache stay behind.
FROM python AS source
RUN python -m venv /opt/moderation
WORKDIR /source
COPY pyproject.toml constraints.txt README.md LICENSE NOTICE ./
COPY config config
COPY moderation moderation
COPY worker worker

FROM source AS web-installed
RUN --mount=type=cache,target=/root/.cache/pip \
    pip install --constraint constraints.txt . \
    && find /opt/moderation -path '*/models/bundled/*' \
        '(' -name model.onnx -o -name tokenizer.json ')' -delete

FROM source AS worker-installed
RUN --mount=type=cache,target=/root/.cache/pip \
    pip install --constraint constraints.txt '.[worker]'


# The model, as a folder without torch: model.onnx, tokenizer.json and model.json. Only the stages
# that MODEL leads to are built.
FROM source AS exported
ARG MODEL
ARG PIP_EXTRA_INDEX_URL
RUN --mount=type=cache,target=/root/.cache/pip \
    pip install --constraint constraints.txt torch==2.13.0 \
    && pip install --constraint constraints.txt '.[detoxify]'
RUN moderation model export "$MODEL" /model

FROM scratch AS model-bundled
COPY config/models/bundled /model
FROM exported AS model-original
FROM exported AS model-unbiased
FROM exported AS model-multilingual
FROM model-${MODEL} AS model


# A named volume takes its owner from the folder that it is mounted on.
FROM python AS runtime
RUN groupadd --gid 10001 moderation \
    && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /var/lib/moderation \
        --shell /usr/sbin/nologin moderation \
    && install -d -m 0700 -o moderation -g moderation /var/lib/moderation
ENV MODERATION_DATA_DIR=/var/lib/moderation \
    MODERATION_MODEL=/model
WORKDIR /var/lib/moderation
USER moderation

FROM runtime AS worker
COPY --from=worker-installed /opt/moderation /opt/moderation
COPY --from=model /model /model
CMD ["moderation", "worker"]

FROM runtime AS web
COPY --from=web-installed /opt/moderation /opt/moderation
# What the web side must know of the model; a policy is checked against it.
COPY --from=model /model/model.json /model/model.json
EXPOSE 8000
CMD ["moderation", "web", "--bind", "0.0.0.0:8000"]
