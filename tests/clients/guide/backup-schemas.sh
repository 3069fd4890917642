#!/bin/bash
# backup-schemas.sh
REGISTRY_URL="http://schema-registry:8081"
BACKUP_DIR="./schema-backup-$(date +%Y%m%d)"
mkdir -p "$BACKUP_DIR"
# Get all subjects
SUBJECTS=$(curl -s "$REGISTRY_URL/subjects" | jq -r '.[]')
for SUBJECT in $SUBJECTS; do
echo "Backing up: $SUBJECT"
# Get all versions
VERSIONS=$(curl -s "$REGISTRY_URL/subjects/$SUBJECT/versions" | jq -r '.[]')
for VERSION in $VERSIONS; do
curl -s "$REGISTRY_URL/subjects/$SUBJECT/versions/$VERSION" \
> "$BACKUP_DIR/${SUBJECT}_v${VERSION}.json"
done
# Backup compatibility config
curl -s "$REGISTRY_URL/config/$SUBJECT" \
> "$BACKUP_DIR/${SUBJECT}_config.json" 2>/dev/null || true
done
# Backup global config
curl -s "$REGISTRY_URL/config" > "$BACKUP_DIR/_global_config.json"
echo "Backup complete: $(ls "$BACKUP_DIR" | wc -l) files"
