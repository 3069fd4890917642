// Package clients lets Go clients use a registry whose address is in REGISTRY_URL.
package clients

import (
	"context"
	"encoding/json"
	"os"
	"slices"
	"strconv"
	"testing"
	"time"

	confluent "github.com/confluentinc/confluent-kafka-go/v2/schemaregistry"
	"github.com/twmb/franz-go/pkg/sr"
)

const (
	v1  = `{"type":"record","name":"User","fields":[{"name":"id","type":"int"}]}`
	v2  = `{"type":"record","name":"User","fields":[{"name":"id","type":"int"},{"name":"n","type":"string","default":""}]}`
	bad = `{"type":"record","name":"User","fields":[{"name":"id","type":"int"},{"name":"m","type":"string"}]}`
)

func url(t *testing.T) string {
	found := os.Getenv("REGISTRY_URL")
	if found == "" {
		t.Fatal("REGISTRY_URL is not set")
	}
	return found
}

func unique(name string) string { return name + strconv.FormatInt(time.Now().UnixNano(), 36) }

func must[T any](t *testing.T) func(T, error) T {
	t.Helper()
	return func(value T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return value
	}
}

func equal[T any](t *testing.T, got, wanted T) {
	t.Helper()
	a, _ := json.Marshal(got)
	b, _ := json.Marshal(wanted)
	if string(a) != string(b) {
		t.Fatalf("got %s, wanted %s", a, b)
	}
}

func TestConfluent(t *testing.T) {
	client := must[confluent.Client](t)(confluent.NewClient(confluent.NewConfig(url(t))))
	defer client.Close()
	s := unique("go/confluent ")
	first := must[confluent.SchemaMetadata](t)(client.RegisterFullResponse(s, confluent.SchemaInfo{Schema: v1}, false))
	equal(t, first.Version, 1)
	second := must[int](t)(client.Register(s, confluent.SchemaInfo{Schema: v2}, false))
	equal(t, must[[]int](t)(client.GetAllVersions(s)), []int{1, 2})
	equal(t, must[confluent.SchemaInfo](t)(client.GetBySubjectAndID(s, first.ID)).Schema, v1)
	equal(t, must[confluent.SchemaInfo](t)(client.GetByGUID(first.GUID)).Schema, v1)
	equal(t, must[confluent.SchemaMetadata](t)(client.GetLatestSchemaMetadata(s)).ID, second)
	equal(t, must[confluent.SchemaMetadata](t)(client.GetSchemaMetadata(s, 1)).ID, first.ID)
	equal(t, must[int](t)(client.GetVersion(s, confluent.SchemaInfo{Schema: v2}, false)), 2)
	equal(t, must[bool](t)(client.TestCompatibility(s, 2, confluent.SchemaInfo{Schema: bad})), false)
	equal(t, must[bool](t)(client.TestSubjectCompatibility(s, confluent.SchemaInfo{Schema: v2})), true)
	if _, err := client.Register(s, confluent.SchemaInfo{Schema: bad}, false); err == nil {
		t.Fatal("an incompatible schema was taken")
	}
	must[confluent.Compatibility](t)(client.UpdateCompatibility(s, confluent.Full))
	equal(t, must[confluent.Compatibility](t)(client.GetCompatibility(s)), confluent.Full)
	config := must[confluent.ServerConfig](t)(client.GetConfig(s, true))
	equal(t, config.CompatibilityLevel, confluent.Full)
	grouped := confluent.ServerConfig{CompatibilityUpdate: confluent.None, CompatibilityGroup: "v"}
	equal(t, must[confluent.ServerConfig](t)(client.UpdateConfig(s, grouped)).CompatibilityGroup, "v")
	places := must[[]confluent.SubjectAndVersion](t)(client.GetSubjectsAndVersionsByID(second))
	equal(t, slices.Contains(places, confluent.SubjectAndVersion{Subject: s, Version: 2}), true)
	equal(t, must[int](t)(client.DeleteSubjectVersion(s, 1, false)), 1)
	equal(t, must[int](t)(client.GetVersionIncludeDeleted(s, confluent.SchemaInfo{Schema: v1}, false, true)), 1)
	equal(t, must[[]int](t)(client.DeleteSubject(s, false)), []int{2})
	equal(t, must[[]int](t)(client.DeleteSubject(s, true)), []int{1, 2})
}

func TestConfluentReferencesAndContext(t *testing.T) {
	client := must[confluent.Client](t)(confluent.NewClient(confluent.NewConfig(url(t))))
	defer client.Close()
	s := ":.go:" + unique("s")
	must[int](t)(client.Register(s+"-user", confluent.SchemaInfo{Schema: v1}, false))
	order := `{"type":"record","name":"Order","fields":[{"name":"who","type":"User"}]}`
	references := []confluent.Reference{{Name: "User", Subject: s + "-user", Version: 1}}
	metadata := &confluent.Metadata{Properties: map[string]string{"owner": "us"}}
	rule := confluent.Rule{Name: "named", Kind: "CONDITION", Mode: "WRITE", Type: "CEL", Expr: "true"}
	rules := &confluent.RuleSet{DomainRules: []confluent.Rule{rule}}
	info := confluent.SchemaInfo{Schema: order, References: references, Metadata: metadata, RuleSet: rules}
	id := must[int](t)(client.Register(s, info, false))
	stored := must[confluent.SchemaInfo](t)(client.GetBySubjectAndID(s, id))
	equal(t, stored.References, references)
	equal(t, stored.RuleSet.DomainRules[0].Name, "named")
	owned := map[string]string{"owner": "us"}
	equal(t, must[confluent.SchemaMetadata](t)(client.GetLatestWithMetadata(s, owned, false)).ID, id)
	equal(t, slices.Contains(must[[]string](t)(client.GetAllContexts()), ".go"), true)
	if _, err := client.DeleteSubject(s+"-user", false); err == nil {
		t.Fatal("a referenced subject was deleted")
	}
}

func TestFranz(t *testing.T) {
	ctx := context.Background()
	client := must[*sr.Client](t)(sr.NewClient(sr.URLs(url(t))))
	s := unique("franz")
	first := must[sr.SubjectSchema](t)(client.CreateSchema(ctx, s, sr.Schema{Schema: v1}))
	equal(t, first.Version, 1)
	second := must[sr.SubjectSchema](t)(client.CreateSchema(ctx, s, sr.Schema{Schema: v2}))
	equal(t, must[[]int](t)(client.SubjectVersions(ctx, s)), []int{1, 2})
	equal(t, must[sr.Schema](t)(client.SchemaByID(ctx, first.ID)).Schema, v1)
	equal(t, must[sr.SubjectSchema](t)(client.SchemaByGUID(ctx, first.GUID)).Schema.Schema, v1)
	places := must[[]sr.ContextID](t)(client.SchemaIDsByGUID(ctx, first.GUID))
	equal(t, slices.ContainsFunc(places, func(p sr.ContextID) bool { return p.ID == first.ID }), true)
	equal(t, must[sr.SubjectSchema](t)(client.SchemaByVersion(ctx, s, -1)).ID, second.ID)
	equal(t, must[string](t)(client.SchemaTextByID(ctx, first.ID)), v1)
	equal(t, must[string](t)(client.SchemaTextByVersion(ctx, s, 1)), v1)
	equal(t, must[sr.SubjectSchema](t)(client.LookupSchema(ctx, s, sr.Schema{Schema: v2})).Version, 2)
	check := must[sr.CheckCompatibilityResult](t)(client.CheckCompatibility(ctx, s, -1, sr.Schema{Schema: bad}))
	equal(t, check.Is, false)
	for _, result := range client.SetCompatibility(ctx, sr.SetCompatibility{Level: sr.CompatFull}, s) {
		equal(t, result.Err, nil)
		equal(t, result.Level, sr.CompatFull)
	}
	for _, result := range client.Compatibility(ctx, s) {
		equal(t, result.Level, sr.CompatFull)
	}
	for _, result := range client.Mode(ctx) {
		equal(t, result.Mode, sr.ModeReadWrite)
	}
	referring := sr.Schema{
		Schema:     `{"type":"record","name":"Order","fields":[{"name":"who","type":"User"}]}`,
		References: []sr.SchemaReference{{Name: "User", Subject: s, Version: 1}},
	}
	order := must[sr.SubjectSchema](t)(client.CreateSchema(ctx, s+"-order", referring))
	users := must[[]sr.SubjectSchema](t)(client.SchemaReferences(ctx, s, 1))
	equal(t, users[0].ID, order.ID)
	equal(t, len(must[[]sr.SchemaType](t)(client.SupportedTypes(ctx))), 3)
	equal(t, len(must[[]sr.SubjectSchema](t)(client.AllSchemas(ctx))) >= 3, true)
	must[[]int](t)(client.DeleteSubject(ctx, s+"-order", sr.SoftDelete))
	must[[]int](t)(client.DeleteSubject(ctx, s+"-order", sr.HardDelete))
	for _, result := range client.ResetCompatibility(ctx, s) {
		equal(t, result.Err, nil)
	}
	equal(t, must[[]int](t)(client.DeleteSubject(ctx, s, sr.SoftDelete)), []int{1, 2})
}

func TestFranzInAContext(t *testing.T) {
	ctx := context.Background()
	client := must[*sr.Client](t)(sr.NewClient(sr.URLs(url(t)), sr.DefaultSchemaContext(".franz")))
	everywhere := must[*sr.Client](t)(sr.NewClient(sr.URLs(url(t))))
	s := unique("s")
	metadata := &sr.SchemaMetadata{Properties: map[string]string{"owner": "us"}}
	made := must[sr.SubjectSchema](t)(client.CreateSchema(ctx, s, sr.Schema{Schema: v1, SchemaMetadata: metadata}))
	equal(t, must[sr.Schema](t)(client.SchemaByID(ctx, made.ID)).Schema, v1)
	equal(t, must[sr.SubjectSchema](t)(client.SchemaByVersion(ctx, s, -1)).SchemaMetadata, metadata)
	equal(t, slices.Contains(must[[]string](t)(everywhere.Contexts(ctx)), ".franz"), true)
	for _, result := range client.SetMode(ctx, sr.ModeReadOnly, s) {
		equal(t, result.Err, nil)
	}
	if _, err := client.CreateSchema(ctx, s, sr.Schema{Schema: v2}); err == nil {
		t.Fatal("a schema was taken while the subject is read-only")
	}
	for _, result := range client.ResetMode(ctx, s) {
		equal(t, result.Err, nil)
	}
	must[[]int](t)(client.DeleteSubject(ctx, s, sr.SoftDelete))
	must[[]int](t)(client.DeleteSubject(ctx, s, sr.HardDelete))
}
