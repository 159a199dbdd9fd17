# One image for every process; docker-compose.yml says which of them a container runs.

FROM python:3.11-slim-bookworm AS packages
COPY requirements.lock .
RUN python -m venv /opt/porchlight \
    && /opt/porchlight/bin/pip install --no-cache-dir --disable-pip-version-check --require-hashes -r requirements.lock

FROM python:3.11-slim-bookworm
RUN useradd --system --uid 10001 --no-create-home --shell /usr/sbin/nologin porchlight
COPY --from=packages /opt/porchlight /opt/porchlight
WORKDIR /srv/porchlight
COPY contracts contracts
COPY chassis chassis
COPY services services
COPY gateway gateway
COPY sandbox sandbox
COPY porchlight porchlight
# Compiled here because the running container's file system is read-only.
RUN /opt/porchlight/bin/python -m compileall -q .
ENV PATH=/opt/porchlight/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 PYTHONPATH=/srv/porchlight
USER 10001
CMD ["python", "-m", "porchlight", "--help"]
