#!/bin/bash
# restore-schemas.sh
REGISTRY_URL="http://schema-registry:8081"
BACKUP_DIR="$1"
if [ -z "$BACKUP_DIR" ]; then
echo "Usage: $0 <backup-directory>"
exit 1
fi
# Restore global config
if [ -f "$BACKUP_DIR/_global_config.json" ]; then
COMPAT=$(cat "$BACKUP_DIR/_global_config.json" | jq -r '.compatibilityLevel')
curl -X PUT \
-H "Content-Type: application/vnd.schemaregistry.v1+json" \
-d "{\"compatibility\": \"$COMPAT\"}" \
"$REGISTRY_URL/config"
fi
# Restore schemas (sorted by version)
for FILE in $(ls "$BACKUP_DIR"/*_v*.json | sort -t'v' -k2 -n); do
SUBJECT=$(basename "$FILE" | sed 's/_v[0-9]*\.json//')
SCHEMA=$(cat "$FILE" | jq '.schema')
SCHEMA_TYPE=$(cat "$FILE" | jq -r '.schemaType // "AVRO"')
echo "Restoring: $SUBJECT"
curl -X POST \
-H "Content-Type: application/vnd.schemaregistry.v1+json" \
-d "{\"schema\": $SCHEMA, \"schemaType\": \"$SCHEMA_TYPE\"}" \
"$REGISTRY_URL/subjects/$SUBJECT/versions"
done
