# The image of the service: docker build --tag searchsvc .
# docs/install.md says how to run it, and has the same steps by hand.

FROM python:3.13-slim AS build
COPY . /src
RUN python3 -m venv /opt/searchsvc
RUN /opt/searchsvc/bin/pip install --no-cache-dir '/src[all]'

FROM python:3.13-slim
RUN useradd --system --uid 10001 --no-create-home searchsvc && install --directory --owner=searchsvc /index
COPY --from=build /opt/searchsvc /opt/searchsvc
# In a container, every address is its own; publish the port on 127.0.0.1 to keep it on your machine.
ENV PATH=/opt/searchsvc/bin:$PATH SEARCHSVC_CORPUS=/corpus SEARCHSVC_INDEX=/index SEARCHSVC_HOST=0.0.0.0
USER searchsvc
WORKDIR /index
VOLUME /index
EXPOSE 8000
# The first reindex of a large archive takes longer than other starts.
HEALTHCHECK --interval=30s --timeout=5s --start-period=30m \
  CMD ["python3", "-c", "from os import environ as of; from urllib.request import urlopen; urlopen('http://127.0.0.1:%s/healthz' % (of.get('SEARCHSVC_PORT') or of.get('PORT') or 8000), timeout=4)"]
CMD ["searchsvc", "serve", "--reindex"]
