#include "gateway/transport/entrance/operations.h"

#include <algorithm>
#include <array>

namespace puente::transport {
namespace {

using partners::Role;

constexpr unsigned kSender = role_bit(Role::sender);
constexpr unsigned kFiler = role_bit(Role::filer);
constexpr unsigned kOps = role_bit(Role::ops);
constexpr unsigned kAnyPartner = kSender | kFiler | kOps;

constexpr std::size_t kDocument = std::size_t{11} << 20U;  // 10 MiB of document and its envelope
constexpr std::size_t kQuestion = std::size_t{256} << 10U;

constexpr auto kOperations = std::to_array<OperationRow>({
    {Operation::submit, "/puente.v1.Sender/Submit", kSender, kDocument},
    {Operation::submit_many, "/puente.v1.Sender/SubmitMany", kSender, kDocument},
    {Operation::check, "/puente.v1.Sender/Check", kAnyPartner, kDocument},
    {Operation::status, "/puente.v1.Sender/Status", kSender, kQuestion},
    {Operation::watch, "/puente.v1.Sender/Watch", kSender, kQuestion},
    {Operation::draft, "/puente.v1.Sender/GetDraft", kSender | kFiler, kQuestion},
    {Operation::feed, "/puente.v1.Filer/Feed", kFiler, kDocument},
    {Operation::act, "/puente.v1.Filer/Act", kFiler, kDocument},
    {Operation::exceptions, "/puente.v1.Administration/Exceptions", kOps, kQuestion},
    {Operation::trace, "/puente.v1.Administration/Trace", kOps, kQuestion},
    {Operation::reload, "/puente.v1.Administration/Reload", kOps, kQuestion},
    {Operation::verify, "/puente.v1.Administration/Verify", kOps, kQuestion},
    {Operation::backup, "/puente.v1.Administration/Backup", kOps, kQuestion},
    {Operation::channels, "/puente.v1.Administration/Channels", kOps, kQuestion},
    {Operation::pause, "/puente.v1.Administration/Pause", kOps, kQuestion},
    {Operation::resume, "/puente.v1.Administration/Resume", kOps, kQuestion},
    {Operation::redeliver, "/puente.v1.Administration/Redeliver", kOps, kQuestion},
    {Operation::retranslate, "/puente.v1.Administration/Retranslate", kOps, kQuestion},
    {Operation::health, "/grpc.health.v1.Health/Check", kAnyPartner, kQuestion},
    {Operation::health_watch, "/grpc.health.v1.Health/Watch", kAnyPartner, kQuestion},
    {Operation::reflection, "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo", kAnyPartner, kQuestion},
});

// A row stands at the place of its enumerator.
constexpr bool in_order() {
  for (std::size_t i = 0; i < kOperations.size(); ++i)
    if (static_cast<std::size_t>(kOperations[i].operation) != i) return false;
  return true;
}
static_assert(in_order(), "operations stand in the order of the enumeration, each once");

}  // namespace

std::span<const OperationRow> operations() { return kOperations; }

const OperationRow& row_of(Operation operation) { return kOperations.at(static_cast<std::size_t>(operation)); }

const OperationRow* row_of_method(std::string_view method) {
  const auto* row = std::find_if(kOperations.begin(), kOperations.end(),
                                 [&](const OperationRow& candidate) { return candidate.method == method; });
  return row == kOperations.end() ? nullptr : row;
}

}  // namespace puente::transport
