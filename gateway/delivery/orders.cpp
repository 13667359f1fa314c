#include "gateway/delivery/orders.h"

#include <google/protobuf/util/time_util.h>

#include <algorithm>
#include <array>
#include <optional>
#include <tuple>

#include "gateway/delivery/sweep.h"
#include "gateway/flow/entry_filing.h"
#include "gateway/flow/numbers.h"
#include "gateway/flow/on_file.h"
#include "gateway/ledger/lifecycle.h"

namespace puente::delivery {
namespace {

using google::protobuf::util::TimeUtil;
using ledger::FilingRow;

constexpr std::string_view kVerb = "admin";
constexpr std::size_t kReasonLength = 200;
constexpr std::size_t kPerWrite = 128;
constexpr std::size_t kComparedLines = 2000;  // of each side; beyond, a text differs as a whole
constexpr std::string_view kDryRun = "dry_run";

// What an order may pick filings from when it names no state.
constexpr auto kOrderedStates =
    std::to_array<std::string_view>({"dead_letter", "refused", "in_doubt", "ready", "confirmed"});

std::string one_line(std::string_view text) {
  std::string line(text.substr(0, kReasonLength));
  while (!line.empty() && text.size() > kReasonLength && (static_cast<unsigned char>(line.back()) & 0x80U) != 0)
    line.pop_back();
  for (char& c : line)
    if (static_cast<unsigned char>(c) < ' ' || c == '\x7f') c = ' ';
  return line;
}

std::string told(std::string_view what, std::string_view by, std::string_view reason) {
  return std::string(what) + " by " + std::string(by) + (reason.empty() ? "" : ": ") + one_line(reason);
}

Result<void> note_order(ledger::Writer& writer, std::string text, ledger::Micros now) {
  ledger::EventRow event;
  event.at = now;
  event.object = "ledger";
  event.verb = kVerb;
  event.text = std::move(text);
  auto noted = writer.append_event(event);
  if (!noted) return tl::unexpected(noted.error());
  return {};
}

// ---- which filings

struct Selected {
  std::vector<std::string> ids;
  std::vector<Finding> findings;
};

void filings_of_number(ledger::Reader& reader, const std::string& number, std::vector<std::string>& ids) {
  std::set<std::string> shipments;
  if (const auto row = reader.filing(number)) ids.push_back(row->id);
  if (const auto row = reader.filing_by_token(number)) ids.push_back(row->id);
  if (reader.shipment(number)) shipments.insert(number);
  for (const auto& row : flow::find_number(reader, number)) {
    if (row.object == "filing") ids.push_back(row.object_id);
    if (row.object == "shipment") shipments.insert(row.object_id);
    if (row.object == "document")
      if (const auto shipment = reader.shipment_of_document(row.object_id)) shipments.insert(*shipment);
  }
  for (const auto& shipment : shipments)
    for (const auto& row : reader.filings_of_shipment(shipment))
      if (!flow::over(row)) ids.push_back(row.id);
}

Selected selected(ledger::Reader& reader, const v1::FilingsOrder& order) {
  Selected found;
  const auto since = order.has_since() ? TimeUtil::TimestampToMicroseconds(order.since()) : 0;
  const std::size_t limit =
      order.dry_run()
          ? kOrderedAtMost
          : std::min<std::size_t>(order.at_most() == 0 ? kOrderedUnlessSaid : order.at_most(), kOrderedAtMost);
  if (order.numbers().empty() && order.filer().empty() && order.state().empty() && order.cause().empty() &&
      !order.has_since()) {
    found.findings.push_back(make_finding("SELECTION_EMPTY"));
    return found;
  }
  if (!order.state().empty() && ledger::state_row("filing", order.state()) == nullptr) {
    found.findings.push_back(make_finding("SELECTION_UNKNOWN", {{"what", order.state()}}));
    return found;
  }
  for (const auto& number : order.numbers()) {
    std::vector<std::string> ids;
    filings_of_number(reader, number, ids);
    if (ids.empty()) found.findings.push_back(make_finding("SELECTION_UNKNOWN", {{"what", number}}));
    for (auto& id : ids) {
      const auto row = reader.filing(id);
      const bool fits = row && (order.filer().empty() || row->filer == order.filer()) &&
                        (order.state().empty() || row->state == order.state()) &&
                        (order.cause().empty() || row->cause == order.cause()) && row->state_since >= since;
      if (fits && std::find(found.ids.begin(), found.ids.end(), id) == found.ids.end())
        found.ids.push_back(std::move(id));
    }
  }
  if (order.numbers().empty()) {
    const auto take = [&](std::string_view state) {
      for (auto& id : reader.filings_selected(state, order.filer(), order.cause(), since, limit + 1))
        found.ids.push_back(std::move(id));
    };
    if (order.state().empty())
      for (const auto state : kOrderedStates) take(state);
    else
      take(order.state());
  }
  if (found.ids.size() > limit)
    found.findings.push_back(make_finding(
        "SELECTION_OVER_LIMIT", {{"count", std::to_string(found.ids.size())}, {"limit", std::to_string(limit)}}));
  return found;
}

// ---- redeliver

// The state in which a filing is offered once more; nothing where it is not.
std::optional<std::string_view> again(const FilingRow& row) {
  if (row.state == "ready" || row.state == "refused") return "ready";
  if (row.state == "in_doubt" || row.state == "confirmed") return "in_doubt";
  if (row.state == "dead_letter") return row.cause == ledger::kUnanswered ? "in_doubt" : "ready";
  return std::nullopt;
}

// Findings that say why it waited: they are over.
Result<void> remove_causes(ledger::Writer& writer, const FilingRow& row) {
  v1::Draft draft;
  if (!draft.ParseFromString(writer.draft_head(row.id))) return {};
  auto& findings = *draft.mutable_findings();
  findings.erase(std::remove_if(findings.begin(), findings.end(),
                                [&](const Finding& finding) {
                                  return finding.code() == ledger::kUnanswered || finding.code() == kNeverTaken ||
                                         finding.code() == kPutOff || finding.code() == "FILING_REFUSED";
                                }),
                 findings.end());
  return writer.put_draft_head(row.id, draft.SerializeAsString());
}

Result<void> offer_again(ledger::Writer& writer, FilingRow row, std::string_view state, const std::string& text,
                         ledger::Micros now) {
  row.cause = row.state == "confirmed" || row.cause == flow::kRedelivered ? std::string(flow::kRedelivered) : "";
  row.state = state;
  if (auto removed = remove_causes(writer, row); !removed) return removed;
  row.not_before = 0;
  row.due_since = row.changed_at = now;
  if (auto moved = writer.update_filing(row, {std::string(kVerb), row.filer, text}); !moved) return moved;
  return flow::settle_shipment(writer, row.shipment, "deliver", "", now);
}

v1::RedeliveredFiling told_of(const FilingRow& row, std::optional<std::string_view> to) {
  v1::RedeliveredFiling filing;
  filing.set_filing_id(row.id);
  filing.set_token(row.token);
  filing.set_kind(row.kind);
  filing.set_filer(row.filer);
  filing.set_revision(row.revision);
  filing.set_from_state(row.state);
  if (to) filing.set_to_state(std::string(*to));
  filing.set_cause(row.cause);
  return filing;
}

// ---- retranslate

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    lines.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

using Key = std::tuple<std::string, std::string>;  // importer, kind

std::map<Key, FilingRow> newest_of(ledger::Reader& reader, const std::string& shipment) {
  std::map<Key, FilingRow> newest;
  for (auto& row : reader.filings_of_shipment(shipment))
    if (!flow::over(row)) newest[{row.importer, row.kind}] = std::move(row);  // they come in order of revision
  return newest;
}

v1::RetranslatedFiling compared(const FilingRow* before, const FilingRow* after) {
  v1::RetranslatedFiling filing;
  const auto& any = after == nullptr ? *before : *after;
  filing.set_kind(any.kind);
  filing.set_filer(any.filer);
  if (before != nullptr) {
    filing.set_before_id(before->id);
    filing.set_before_revision(before->revision);
    filing.set_before_state(before->state);
  }
  if (after != nullptr) {
    filing.set_after_id(after->id);
    filing.set_after_revision(after->revision);
    filing.set_after_state(after->state);
    filing.set_after_action(after->action);
  }
  for (auto& difference : differences(before == nullptr ? "" : before->records, after == nullptr ? "" : after->records))
    *filing.add_differences() = std::move(difference);
  return filing;
}

std::vector<v1::RetranslatedFiling> changes(const std::map<Key, FilingRow>& before,
                                            const std::map<Key, FilingRow>& after) {
  std::vector<v1::RetranslatedFiling> found;
  for (const auto& [key, old] : before) {
    const auto now = after.find(key);
    if (now == after.end())
      found.push_back(compared(&old, nullptr));
    else if (now->second.id != old.id || now->second.state != old.state || now->second.sha256 != old.sha256)
      found.push_back(compared(&old, &now->second));
  }
  for (const auto& [key, fresh] : after)
    if (!before.contains(key)) found.push_back(compared(nullptr, &fresh));
  return found;
}

}  // namespace

std::map<std::string, v1::Channel> channels_of(ledger::Reader& reader, const partners::Registry& registry) {
  std::map<std::string, v1::Channel> channels;
  for (const auto& partner : registry.partners()) {
    if (!partner.roles.contains(partners::Role::filer)) continue;
    auto& channel = channels[partner.id];
    channel.set_channel(partner.channel);
    channel.set_window(static_cast<std::uint32_t>(partner.window));
  }
  for (const auto& figure : reader.filer_figures()) {
    auto& channel = channels[figure.filer];
    if (figure.state == "ready") channel.set_ready(figure.filings);
    if (figure.state == "in_doubt") channel.set_in_doubt(figure.filings);
    if (figure.state == "offered") channel.set_in_flight(static_cast<std::uint32_t>(figure.filings));
    if (figure.state == "dead_letter") channel.set_dead_letters(figure.filings);
    if (figure.state == "refused") channel.set_refused(figure.filings);
    const bool under_way = figure.state == "ready" || figure.state == "in_doubt" || figure.state == "offered";
    if (!under_way || figure.oldest_deadline == 0) continue;
    const auto deadline = TimeUtil::MicrosecondsToTimestamp(figure.oldest_deadline);
    if (!channel.has_oldest_deadline() || deadline < channel.oldest_deadline())
      *channel.mutable_oldest_deadline() = deadline;
  }
  for (const auto& row : reader.channels()) {
    auto& channel = channels[row.id];
    channel.set_paused(row.state == "paused");
    if (!channel.paused()) continue;
    *channel.mutable_paused_since() = TimeUtil::MicrosecondsToTimestamp(row.state_since);
    channel.set_paused_by(row.by);
    channel.set_reason(row.reason);
  }
  for (auto& [filer, channel] : channels) channel.set_filer(filer);
  return channels;
}

Result<ChannelsOrdered> order_channels(const OrderContext& context, const v1::ChannelOrder& order, std::string_view by,
                                       bool pause) {
  ChannelsOrdered ordered;
  const auto now = context.flow_options.clock();
  const std::string_view wanted = pause ? "paused" : "open";
  auto done = context.ledger.write_and_wait([&](ledger::Writer& writer) -> Result<void> {
    ordered = {};
    if (!order.filer().empty()) {
      // A filer that left the registry may still be released.
      if (!is_filer(*context.registry, order.filer()) && !writer.channel(order.filer())) {
        ordered.findings.push_back(make_finding("CHANNEL_UNKNOWN", {{"filer", order.filer()}}));
        return {};
      }
      ordered.about.insert(order.filer());
    } else {
      for (const auto& partner : context.registry->partners())
        if (partner.roles.contains(partners::Role::filer)) ordered.about.insert(partner.id);
      if (!pause)
        for (const auto& row : writer.channels()) ordered.about.insert(row.id);
    }
    for (const auto& filer : ordered.about) {
      const auto before = writer.channel(filer);
      if (before ? before->state == wanted : !pause) continue;
      ordered.changed.insert(filer);
      if (order.dry_run()) continue;
      const ledger::ChannelRow row{filer,           std::string(wanted),      pause ? "CHANNEL_PAUSED" : "",
                                   std::string(by), one_line(order.reason()), now};
      if (auto put = writer.put_channel(
              row, {std::string(kVerb), "", told(pause ? "paused" : "resumed", by, order.reason()), now});
          !put)
        return put;
    }
    return {};
  });
  if (!done) return tl::unexpected(done.error());
  return ordered;
}

Result<v1::RedeliverReply> redeliver(const OrderContext& context, const v1::FilingsOrder& order, std::string_view by) {
  const auto now = context.flow_options.clock();
  v1::RedeliverReply reply;
  Selected chosen;
  auto read = context.ledger.read([&](ledger::Reader& reader) -> Result<void> {
    chosen = selected(reader, order);
    if (!order.dry_run()) return {};
    for (const auto& id : chosen.ids) {
      const auto row = reader.filing(id);
      if (!row) continue;
      const auto to = again(*row);
      if (to) reply.set_redelivered(reply.redelivered() + 1);
      if (static_cast<std::size_t>(reply.filings_size()) < kToldFilings) *reply.add_filings() = told_of(*row, to);
    }
    return {};
  });
  if (!read) return tl::unexpected(read.error());
  reply.set_selected(static_cast<std::uint32_t>(chosen.ids.size()));
  for (const auto& finding : chosen.findings) *reply.add_findings() = finding;
  if (order.dry_run() || !chosen.findings.empty() || chosen.ids.empty()) return reply;
  const auto text = told("redelivered", by, order.reason());
  for (std::size_t from = 0; from < chosen.ids.size(); from += kPerWrite) {
    const auto until = std::min(from + kPerWrite, chosen.ids.size());
    std::vector<v1::RedeliveredFiling> part;
    auto done = context.ledger.write_and_wait([&](ledger::Writer& writer) -> Result<void> {
      part.clear();
      if (from == 0)
        if (auto noted = note_order(writer, std::to_string(chosen.ids.size()) + " filings " + text, now); !noted)
          return noted;
      for (std::size_t i = from; i < until; ++i) {
        const auto row = writer.filing(chosen.ids[i]);
        if (!row) continue;
        const auto to = again(*row);
        part.push_back(told_of(*row, to));
        if (!to) continue;
        if (auto offered = offer_again(writer, *row, *to, text, now); !offered) return offered;
      }
      return {};
    });
    if (!done) return tl::unexpected(done.error());
    for (auto& filing : part) {
      if (!filing.to_state().empty()) reply.set_redelivered(reply.redelivered() + 1);
      if (static_cast<std::size_t>(reply.filings_size()) < kToldFilings) *reply.add_filings() = std::move(filing);
    }
  }
  return reply;
}

Result<v1::RetranslateReply> retranslate(const OrderContext& context, const v1::FilingsOrder& order,
                                         std::string_view by) {
  const auto now = context.flow_options.clock();
  v1::RetranslateReply reply;
  Selected chosen;
  std::vector<std::string> shipments;
  auto read = context.ledger.read([&](ledger::Reader& reader) -> Result<void> {
    chosen = selected(reader, order);
    std::set<std::string> seen;
    for (const auto& id : chosen.ids)
      if (const auto row = reader.filing(id); row && seen.insert(row->shipment).second)
        shipments.push_back(row->shipment);
    return {};
  });
  if (!read) return tl::unexpected(read.error());
  reply.set_selected(static_cast<std::uint32_t>(chosen.ids.size()));
  reply.set_shipments(static_cast<std::uint32_t>(shipments.size()));
  for (const auto& finding : chosen.findings) *reply.add_findings() = finding;
  if (!chosen.findings.empty()) return reply;
  bool noted = false;
  for (const auto& shipment : shipments) {
    std::vector<v1::RetranslatedFiling> changed;
    auto done = context.ledger.write_and_wait([&](ledger::Writer& writer) -> Result<void> {
      const auto before = newest_of(writer, shipment);
      if (auto drafted =
              flow::redraft(writer, shipment, context.knowledge, *context.registry, context.flow_options, true);
          !drafted)
        return drafted;
      changed = changes(before, newest_of(writer, shipment));
      if (order.dry_run()) return permanent(std::string(kDryRun), "");  // rolled back, numbers and all
      if (noted || changed.empty()) return {};
      return note_order(
          writer, std::to_string(shipments.size()) + " shipments " + told("retranslated", by, order.reason()), now);
    });
    if (!done && done.error().code != kDryRun) return tl::unexpected(done.error());
    noted = noted || !changed.empty();
    reply.set_changed(reply.changed() + static_cast<std::uint32_t>(changed.size()));
    for (auto& filing : changed)
      if (static_cast<std::size_t>(reply.filings_size()) < kToldFilings) *reply.add_filings() = std::move(filing);
  }
  return reply;
}

std::vector<v1::RecordDifference> differences(std::string_view before, std::string_view after) {
  const auto a = lines_of(before), b = lines_of(after);
  std::vector<v1::RecordDifference> found;
  const auto add = [&found](v1::RecordDifference::Side side, std::size_t line, std::string_view record) {
    auto& one = found.emplace_back();
    one.set_side(side);
    one.set_line(static_cast<std::uint32_t>(line + 1));
    one.set_record(std::string(record));
  };
  // Longest common subsequence of what lies between the lines that begin and end both.
  std::size_t head = 0, tail = 0;
  while (head < a.size() && head < b.size() && a[head] == b[head]) ++head;
  while (tail < a.size() - head && tail < b.size() - head && a[a.size() - 1 - tail] == b[b.size() - 1 - tail]) ++tail;
  const std::size_t rows = a.size() - head - tail, columns = b.size() - head - tail;
  const bool whole = rows > kComparedLines || columns > kComparedLines;
  std::vector<std::uint16_t> common(whole ? 0 : (rows + 1) * (columns + 1), 0);
  const auto at = [&](std::size_t i, std::size_t j) -> std::uint16_t& { return common[i * (columns + 1) + j]; };
  if (!whole)
    for (std::size_t i = rows; i-- > 0;)
      for (std::size_t j = columns; j-- > 0;)
        at(i, j) = a[head + i] == b[head + j] ? static_cast<std::uint16_t>(at(i + 1, j + 1) + 1)
                                              : std::max(at(i + 1, j), at(i, j + 1));
  std::size_t i = 0, j = 0;
  while (i < rows || j < columns) {
    if (!whole && i < rows && j < columns && a[head + i] == b[head + j]) {
      ++i, ++j;
    } else if (i < rows && (whole || j == columns || at(i + 1, j) >= at(i, j + 1))) {
      add(v1::RecordDifference::BEFORE, head + i, a[head + i]);
      ++i;
    } else {
      add(v1::RecordDifference::AFTER, head + j, b[head + j]);
      ++j;
    }
  }
  return found;
}

}  // namespace puente::delivery
