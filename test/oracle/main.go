// The oracle answers questions about tag selection with the code that Flux is built from: Go's regexp and strconv,
// Masterminds/semver and fluxcd/pkg/version. What image-reflector-controller does around them (internal/policy, which no
// other module may import) is a few lines, written down here again. One JSON object a line in, one a line out.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"regexp"
	"slices"
	"sort"
	"strconv"

	"github.com/Masterminds/semver/v3"
	"github.com/fluxcd/pkg/version"
)

type order struct {
	Order string `json:"order"`
}

type spec struct {
	FilterTags *struct {
		Pattern string `json:"pattern"`
		Extract string `json:"extract"`
	} `json:"filterTags"`
	Policy struct {
		SemVer *struct {
			Range string `json:"range"`
		} `json:"semver"`
		Alphabetical *order `json:"alphabetical"`
		Numerical    *order `json:"numerical"`
	} `json:"policy"`
}

type question struct {
	Ask      string   `json:"ask"`
	Spec     spec     `json:"spec"`
	Tags     []string `json:"tags"`
	Runs     int      `json:"runs"`
	Unsorted bool     `json:"unsorted"`
	Text     string   `json:"text"`
	Pattern  string   `json:"pattern"`
	Template string   `json:"template"`
	Range    string   `json:"range"`
}

type latest func(keys []string) (string, error)

func newLatest(s spec) (latest, error) {
	switch {
	case s.Policy.SemVer != nil:
		constraint, err := semver.NewConstraint(s.Policy.SemVer.Range)
		if err != nil {
			return nil, err
		}
		return func(keys []string) (string, error) { return latestVersion(constraint, keys) }, nil
	case s.Policy.Alphabetical != nil:
		descending := s.Policy.Alphabetical.Order == "desc"
		return func(keys []string) (string, error) {
			sort.Strings(keys)
			if descending {
				return keys[0], nil
			}
			return keys[len(keys)-1], nil
		}, nil
	case s.Policy.Numerical != nil:
		descending := s.Policy.Numerical.Order == "desc"
		return func(keys []string) (string, error) { return latestNumber(keys, descending) }, nil
	}
	return nil, fmt.Errorf("given ImagePolicyChoice object is invalid")
}

func latestVersion(constraint *semver.Constraints, keys []string) (string, error) {
	var best *semver.Version
	for _, key := range keys {
		v, err := version.ParseVersion(key)
		if err == nil && constraint.Check(v) && (best == nil || v.GreaterThan(best)) {
			best = v
		}
	}
	if best == nil {
		return "", fmt.Errorf("unable to determine latest version from provided list")
	}
	return best.Original(), nil
}

func latestNumber(keys []string, descending bool) (string, error) {
	best, bestValue := "", 0.0
	for i, key := range keys {
		value, err := strconv.ParseFloat(key, 64)
		if err != nil {
			return "", fmt.Errorf("failed to parse invalid numeric value '%s'", key)
		}
		if i > 0 && (!descending && value < bestValue || descending && value > bestValue) {
			continue
		}
		best, bestValue = key, value
	}
	return best, nil
}

func selectOnce(s spec, tags []string) (string, error) {
	choose, err := newLatest(s)
	if err != nil {
		return "", fmt.Errorf("invalid policy: %w", err)
	}
	if s.FilterTags == nil {
		return choose(slices.Clone(tags))
	}
	re, err := regexp.Compile(s.FilterTags.Pattern)
	if err != nil {
		return "", fmt.Errorf("failed to filter tags: invalid regular expression pattern '%s': %w", s.FilterTags.Pattern, err)
	}
	byKey := map[string]string{}
	for _, tag := range tags {
		match := re.FindStringSubmatchIndex(tag)
		if len(match) == 0 {
			continue
		}
		key := tag
		if s.FilterTags.Extract != "" {
			key = string(re.ExpandString(nil, s.FilterTags.Extract, tag, match))
		}
		byKey[key] = tag
	}
	var keys []string
	for key := range byKey {
		keys = append(keys, key)
	}
	if len(keys) == 0 {
		return "", fmt.Errorf("version list argument cannot be empty")
	}
	key, err := choose(keys)
	return byKey[key], err
}

func answerSelect(q question) map[string]any {
	tags := slices.Clone(q.Tags)
	if !q.Unsorted {
		sort.Sort(sort.Reverse(sort.StringSlice(tags)))
	}
	selected, failed := map[string]bool{}, map[string]bool{}
	for range q.Runs {
		tag, err := selectOnce(q.Spec, tags)
		if err != nil {
			failed[err.Error()] = true
		} else {
			selected[tag] = true
		}
	}
	answer := map[string]any{}
	if len(selected) > 0 {
		answer["anyOf"] = sortedKeys(selected)
	}
	if len(failed) > 0 {
		answer["errorAnyOf"] = sortedKeys(failed)
	}
	return answer
}

func sortedKeys(set map[string]bool) []string {
	keys := []string{}
	for key := range set {
		keys = append(keys, key)
	}
	sort.Strings(keys)
	return keys
}

func answerFloat(q question) map[string]any {
	value, err := strconv.ParseFloat(q.Text, 64)
	if err != nil {
		return map[string]any{"refused": true}
	}
	if math.IsNaN(value) {
		return map[string]any{"bits": "nan"}
	}
	return map[string]any{"bits": fmt.Sprintf("%016x", math.Float64bits(value))}
}

func answerMatch(q question) map[string]any {
	re, err := regexp.Compile(q.Pattern)
	if err != nil {
		return map[string]any{"error": err.Error()}
	}
	match := re.FindStringSubmatchIndex(q.Text)
	if match == nil {
		return map[string]any{"names": re.SubexpNames()}
	}
	expanded := string(re.ExpandString(nil, q.Template, q.Text, match))
	return map[string]any{"names": re.SubexpNames(), "match": match, "expanded": expanded}
}

func answerRange(q question) map[string]any {
	constraint, err := semver.NewConstraint(q.Range)
	if err != nil {
		return map[string]any{"error": err.Error()}
	}
	verdicts := ""
	for _, tag := range q.Tags {
		v, err := version.ParseVersion(tag)
		switch {
		case err != nil:
			verdicts += "?"
		case constraint.Check(v):
			verdicts += "+"
		default:
			verdicts += "-"
		}
	}
	return map[string]any{"verdicts": verdicts}
}

func main() {
	in := bufio.NewScanner(os.Stdin)
	in.Buffer(nil, 1<<26)
	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()
	encoder := json.NewEncoder(out)
	encoder.SetEscapeHTML(false)
	answers := map[string]func(question) map[string]any{
		"select": answerSelect, "float": answerFloat, "match": answerMatch, "range": answerRange,
	}
	for in.Scan() {
		var q question
		if err := json.Unmarshal(in.Bytes(), &q); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		if err := encoder.Encode(answers[q.Ask](q)); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
}
