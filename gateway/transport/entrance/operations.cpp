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
    {Operation::submit, "/puente.v1.Sender/Submit", kSender, kDocument, Shed::intake},
    {Operation::submit_many, "/puente.v1.Sender/SubmitMany", kSender, kDocument, Shed::intake},
    {Operation::check, "/puente.v1.Sender/Check", kAnyPartner, kDocument, Shed::question},
    {Operation::status, "/puente.v1.Sender/Status", kSender, kQuestion, Shed::question},
    {Operation::watch, "/puente.v1.Sender/Watch", kSender, kQuestion, Shed::question},
    {Operation::draft, "/puente.v1.Sender/GetDraft", kSender | kFiler, kQuestion, Shed::question},
    {Operation::feed, "/puente.v1.Filer/Feed", kFiler, kDocument, Shed::never},
    {Operation::act, "/puente.v1.Filer/Act", kFiler, kDocument, Shed::never},
    {Operation::exceptions, "/puente.v1.Administration/Exceptions", kOps, kQuestion, Shed::never},
    {Operation::trace, "/puente.v1.Administration/Trace", kOps, kQuestion, Shed::never},
    {Operation::reload, "/puente.v1.Administration/Reload", kOps, kQuestion, Shed::never},
    {Operation::verify, "/puente.v1.Administration/Verify", kOps, kQuestion, Shed::never},
    {Operation::backup, "/puente.v1.Administration/Backup", kOps, kQuestion, Shed::never},
    {Operation::channels, "/puente.v1.Administration/Channels", kOps, kQuestion, Shed::never},
    {Operation::pause, "/puente.v1.Administration/Pause", kOps, kQuestion, Shed::never},
    {Operation::resume, "/puente.v1.Administration/Resume", kOps, kQuestion, Shed::never},
    {Operation::redeliver, "/puente.v1.Administration/Redeliver", kOps, kQuestion, Shed::never},
    {Operation::retranslate, "/puente.v1.Administration/Retranslate", kOps, kQuestion, Shed::never},
    {Operation::health, "/grpc.health.v1.Health/Check", kAnyPartner, kQuestion, Shed::never},
    {Operation::health_watch, "/grpc.health.v1.Health/Watch", kAnyPartner, kQuestion, Shed::never},
    {Operation::reflection, "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo", kAnyPartner, kQuestion,
     Shed::never},
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
