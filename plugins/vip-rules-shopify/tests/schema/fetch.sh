#!/bin/sh
# Fetches Shopify's own schema of the Admin API, which the tests of the GraphQL documents validate against: one file of a
# package that brings several hundred others when it is installed.
set -e
cd "$(dirname "$0")"
folder=node_modules/@shopify/dev-mcp
mkdir -p "$folder"
npm pack --silent --pack-destination node_modules @shopify/dev-mcp@1.16.0 > /dev/null
archive=node_modules/shopify-dev-mcp-1.16.0.tgz
tar -xzf "$archive" -C "$folder" --strip-components=1 package/dist/data/admin_2026-10.json.gz
rm "$archive"
