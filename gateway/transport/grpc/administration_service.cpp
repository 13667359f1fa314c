#include "gateway/transport/grpc/administration_service.h"

#include <filesystem>
#include <utility>

namespace puente::transport {
namespace {

constexpr std::string_view kExceptions = "/puente.v1.Administration/Exceptions";
constexpr std::string_view kTrace = "/puente.v1.Administration/Trace";
constexpr std::string_view kReload = "/puente.v1.Administration/Reload";
constexpr std::string_view kVerify = "/puente.v1.Administration/Verify";
constexpr std::string_view kBackup = "/puente.v1.Administration/Backup";
constexpr std::string_view kChannels = "/puente.v1.Administration/Channels";
constexpr std::string_view kPause = "/puente.v1.Administration/Pause";
constexpr std::string_view kResume = "/puente.v1.Administration/Resume";
constexpr std::string_view kRedeliver = "/puente.v1.Administration/Redeliver";
constexpr std::string_view kRetranslate = "/puente.v1.Administration/Retranslate";

void log_order(std::string_view order, const Caller& caller) {
  ops::log_info("administration", {{"order", order}, {"partner", caller.scope.partner}});
}

}  // namespace

grpc::ServerUnaryReactor* AdministrationService::Exceptions(grpc::CallbackServerContext* context,
                                                            const v1::ExceptionsRequest* request,
                                                            v1::ExceptionsReply* reply) {
  return unary(backend_, context, kExceptions, *request, [&](const Caller&, grpc::ServerUnaryReactor* reactor) {
    finish_on(backend_.reads, context, reactor, [this, reply] {
      auto rows = backend_.delivery.exceptions();
      if (!rows) return status_of(rows.error());
      for (v1::ExceptionRow& row : *rows) *reply->add_rows() = std::move(row);
      return grpc::Status::OK;
    });
  });
}

grpc::ServerUnaryReactor* AdministrationService::Channels(grpc::CallbackServerContext* context,
                                                          const v1::ChannelsRequest* request,
                                                          v1::ChannelsReply* reply) {
  return unary(backend_, context, kChannels, *request, [&](const Caller&, grpc::ServerUnaryReactor* reactor) {
    finish_on(backend_.reads, context, reactor,
              [this, reply] { return reply_with(backend_.delivery.channels(), reply); });
  });
}

template <typename Request, typename Reply>
grpc::ServerUnaryReactor* AdministrationService::order(grpc::CallbackServerContext* context, std::string_view method,
                                                       std::string_view name, const Request* request, Reply* reply,
                                                       Result<Reply> (delivery::Delivery::*give)(const Request&,
                                                                                                 std::string_view)) {
  return unary(backend_, context, method, *request, [&](const Caller& caller, grpc::ServerUnaryReactor* reactor) {
    if (!request->dry_run()) log_order(name, caller);
    finish_on(backend_.administration, context, reactor, [this, request, reply, give, by = caller.scope.partner] {
      return reply_with((backend_.delivery.*give)(*request, by), reply);
    });
  });
}

grpc::ServerUnaryReactor* AdministrationService::Pause(grpc::CallbackServerContext* context,
                                                       const v1::ChannelOrder* request, v1::ChannelOrderReply* reply) {
  return order(context, kPause, "pause", request, reply, &delivery::Delivery::pause);
}

grpc::ServerUnaryReactor* AdministrationService::Resume(grpc::CallbackServerContext* context,
                                                        const v1::ChannelOrder* request, v1::ChannelOrderReply* reply) {
  return order(context, kResume, "resume", request, reply, &delivery::Delivery::resume);
}

grpc::ServerUnaryReactor* AdministrationService::Redeliver(grpc::CallbackServerContext* context,
                                                           const v1::FilingsOrder* request, v1::RedeliverReply* reply) {
  return order(context, kRedeliver, "redeliver", request, reply, &delivery::Delivery::redeliver);
}

grpc::ServerUnaryReactor* AdministrationService::Retranslate(grpc::CallbackServerContext* context,
                                                             const v1::FilingsOrder* request,
                                                             v1::RetranslateReply* reply) {
  return order(context, kRetranslate, "retranslate", request, reply, &delivery::Delivery::retranslate);
}

grpc::ServerUnaryReactor* AdministrationService::Trace(grpc::CallbackServerContext* context,
                                                       const v1::TraceRequest* request, v1::StatusReply* reply) {
  return unary(backend_, context, kTrace, *request, [&](const Caller& caller, grpc::ServerUnaryReactor* reactor) {
    finish_on(backend_.reads, context, reactor, [this, request, reply, scope = caller.scope] {
      return reply_with(backend_.flow.status(scope, request->number()), reply);
    });
  });
}

grpc::ServerUnaryReactor* AdministrationService::Reload(grpc::CallbackServerContext* context,
                                                        const v1::ReloadRequest* request, v1::ReloadReply* reply) {
  return unary(backend_, context, kReload, *request, [&](const Caller& caller, grpc::ServerUnaryReactor* reactor) {
    log_order("reload", caller);
    finish_on(backend_.administration, context, reactor, [this, reply] {
      if (!backend_.options.reload) return status_of({FaultKind::permanent, "reload_not_offered", ""});
      auto findings = backend_.options.reload();
      if (!findings) return status_of(findings.error());
      for (Finding& finding : *findings) *reply->add_findings() = std::move(finding);
      return grpc::Status::OK;
    });
  });
}

grpc::ServerUnaryReactor* AdministrationService::Verify(grpc::CallbackServerContext* context,
                                                        const v1::VerifyRequest* request, v1::VerifyReply* reply) {
  return unary(backend_, context, kVerify, *request, [&](const Caller& caller, grpc::ServerUnaryReactor* reactor) {
    log_order("verify", caller);
    finish_on(backend_.administration, context, reactor, [this, reply] {
      const auto report = backend_.ledger.verify();
      if (!report) return status_of(report.error());
      reply->set_intact(report->intact);
      reply->set_events(report->events);
      reply->set_documents(report->documents);
      reply->set_text(report->text);
      return grpc::Status::OK;
    });
  });
}

grpc::ServerUnaryReactor* AdministrationService::Backup(grpc::CallbackServerContext* context,
                                                        const v1::BackupRequest* request, v1::BackupReply* reply) {
  return unary(backend_, context, kBackup, *request, [&](const Caller& caller, grpc::ServerUnaryReactor* reactor) {
    log_order("backup", caller);
    finish_on(backend_.administration, context, reactor, [this, request, reply] {
      const std::filesystem::path path(request->path());
      std::error_code error;
      // The daemon's working directory is nothing a caller knows, and a backup never replaces a file.
      if (!path.is_absolute() || std::filesystem::exists(path, error) || error) {
        return status_of_finding(grpc::StatusCode::INVALID_ARGUMENT, make_finding("BACKUP_PATH_INVALID"));
      }
      const auto bytes = backend_.ledger.backup(path);
      if (!bytes) return status_of(bytes.error());
      reply->set_bytes(*bytes);
      return grpc::Status::OK;
    });
  });
}

}  // namespace puente::transport
