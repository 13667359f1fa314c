// clang-format off
// The lifecycle, whole. A verb is the `verb` of the EventText that accompanies the change; "(new)" does not exist yet.
// Keeping a state is no transition and always allowed: update_* may change the other columns of a row in any state.
//
// document   accept           (new) -> received
//            read             received -> read | rejected | quarantined
//            admin            quarantined -> received
//            join             read -> joined | kept | superseded | cancelled
//                             kept -> joined | superseded | cancelled
//                             joined -> superseded | cancelled
//            estado           joined -> cancelled (the SAT says so)
//   of a filer:
//            deliver, answer  received -> applied | unmatched | rejected
//                             unmatched -> applied
//
// shipment   join             (new) -> gathering
//                             gathering | drafted | held -> merged (merge_shipments)
//            join, draft      gathering, drafted and held, each to each other, as documents come and the draft is
//                             whole, lacks something or is stopped
//                             filed -> gathering | drafted | held (a later version), closed -> held (one too late)
//                             gathering | drafted | held | filed -> cancelled
//                             cancelled -> gathering | drafted | held (the substitute of a cancelled document)
//            deliver          drafted | held -> filed (every filing of it is confirmed)
//                             drafted <-> held (a filing of it is refused; offered again)
//            answer           drafted | held | filed -> closed (every filing of it is released)
//                             drafted | held -> filed, drafted | filed -> held, held -> drafted (as its filings go)
//
// filing     draft            (new) -> held | ready; held <-> ready; refused -> held | ready
//            join             ready -> held
//            deliver          ready | in_doubt -> offered (claim)
//                             offered -> confirmed | refused
//                             offered -> in_doubt (lease over, connection or process lost: nobody knows what came of it)
//                             offered | in_doubt | dead_letter -> ready (the filer put it off, or gave it back)
//                             ready | in_doubt | refused | dead_letter -> confirmed, ready | in_doubt | dead_letter ->
//                             refused (said after the lease was over)
//                             ready | offered | in_doubt -> held (its records are not what their digest says)
//                             refused -> ready (a person had it tried again; admin too)
//                             ready | in_doubt -> dead_letter (not delivered by its deadline and the time to give up)
//            admin            dead_letter -> ready | in_doubt, refused -> ready, confirmed -> in_doubt (redeliver)
//            draft            dead_letter -> in_doubt (a newer revision waits for what came of it)
//            answer           ready | offered | in_doubt | dead_letter | confirmed | accepted | rejected ->
//                             accepted | rejected | released
//            join, draft      held | ready | refused | dead_letter -> replaced, and by draft confirmed | accepted |
//                             rejected too
//            deliver          any but released and cancelled -> replaced (the newer revision is offered or confirmed)
//            join, draft      held | ready | refused | dead_letter | confirmed | accepted | rejected -> cancelled
//
// channel    admin            (new) | open -> paused, paused -> open
//
// A filing that is offered or in doubt is in flight: join and draft do not replace it, and the newer revision waits. In
// doubt is left by the filer's word or by offering the same token again, never by guessing; a dead letter that its filer
// never answered (cause FILING_UNANSWERED) is in doubt too, and goes back there before anything takes its place.
// clang-format on
#include "gateway/ledger/lifecycle.h"

#include <algorithm>
#include <array>

namespace puente::ledger {
namespace {

constexpr std::string_view kDocument = "document";
constexpr std::string_view kShipment = "shipment";
constexpr std::string_view kFiling = "filing";
constexpr std::string_view kChannel = "channel";

constexpr auto kTransitions = std::to_array<Transition>({
    {kDocument, "accept", "", "received"},
    {kDocument, "read", "received", "read"},
    {kDocument, "read", "received", "rejected"},
    {kDocument, "read", "received", "quarantined"},
    {kDocument, "admin", "quarantined", "received"},
    {kDocument, "join", "read", "joined"},
    {kDocument, "join", "read", "kept"},
    {kDocument, "join", "read", "superseded"},
    {kDocument, "join", "read", "cancelled"},
    {kDocument, "join", "kept", "joined"},
    {kDocument, "join", "kept", "superseded"},
    {kDocument, "join", "kept", "cancelled"},
    {kDocument, "join", "joined", "superseded"},
    {kDocument, "join", "joined", "cancelled"},
    {kDocument, "estado", "joined", "cancelled"},
    {kDocument, "deliver", "received", "applied"},
    {kDocument, "deliver", "received", "unmatched"},
    {kDocument, "deliver", "received", "rejected"},
    {kDocument, "deliver", "unmatched", "applied"},
    {kDocument, "answer", "received", "applied"},
    {kDocument, "answer", "received", "unmatched"},
    {kDocument, "answer", "received", "rejected"},
    {kDocument, "answer", "unmatched", "applied"},

    {kShipment, "join", "", "gathering"},
    {kShipment, "join", "gathering", "drafted"},
    {kShipment, "draft", "gathering", "drafted"},
    {kShipment, "join", "gathering", "held"},
    {kShipment, "draft", "gathering", "held"},
    {kShipment, "join", "drafted", "gathering"},
    {kShipment, "draft", "drafted", "gathering"},
    {kShipment, "join", "drafted", "held"},
    {kShipment, "draft", "drafted", "held"},
    {kShipment, "join", "held", "gathering"},
    {kShipment, "draft", "held", "gathering"},
    {kShipment, "join", "held", "drafted"},
    {kShipment, "draft", "held", "drafted"},
    {kShipment, "deliver", "drafted", "filed"},
    {kShipment, "deliver", "held", "filed"},
    {kShipment, "deliver", "drafted", "held"},
    {kShipment, "deliver", "held", "drafted"},
    {kShipment, "join", "filed", "gathering"},
    {kShipment, "draft", "filed", "gathering"},
    {kShipment, "join", "filed", "drafted"},
    {kShipment, "draft", "filed", "drafted"},
    {kShipment, "join", "filed", "held"},
    {kShipment, "draft", "filed", "held"},
    {kShipment, "answer", "drafted", "closed"},
    {kShipment, "answer", "filed", "closed"},
    {kShipment, "answer", "held", "closed"},
    {kShipment, "answer", "drafted", "filed"},
    {kShipment, "answer", "held", "filed"},
    {kShipment, "answer", "drafted", "held"},
    {kShipment, "answer", "filed", "held"},
    {kShipment, "answer", "held", "drafted"},
    {kShipment, "join", "closed", "held"},
    {kShipment, "draft", "closed", "held"},
    {kShipment, "join", "gathering", "merged"},
    {kShipment, "join", "drafted", "merged"},
    {kShipment, "join", "held", "merged"},
    {kShipment, "join", "gathering", "cancelled"},
    {kShipment, "join", "drafted", "cancelled"},
    {kShipment, "join", "held", "cancelled"},
    {kShipment, "join", "filed", "cancelled"},
    {kShipment, "draft", "gathering", "cancelled"},
    {kShipment, "draft", "drafted", "cancelled"},
    {kShipment, "draft", "held", "cancelled"},
    {kShipment, "draft", "filed", "cancelled"},
    {kShipment, "join", "cancelled", "gathering"},
    {kShipment, "draft", "cancelled", "gathering"},
    {kShipment, "join", "cancelled", "drafted"},
    {kShipment, "draft", "cancelled", "drafted"},
    {kShipment, "join", "cancelled", "held"},
    {kShipment, "draft", "cancelled", "held"},

    {kFiling, "draft", "", "held"},
    {kFiling, "draft", "", "ready"},
    {kFiling, "draft", "held", "ready"},
    {kFiling, "draft", "ready", "held"},
    {kFiling, "join", "ready", "held"},
    {kFiling, "draft", "refused", "ready"},
    {kFiling, "draft", "refused", "held"},
    {kFiling, "admin", "refused", "ready"},
    {kFiling, "deliver", "refused", "ready"},
    {kFiling, "deliver", "ready", "offered"},
    {kFiling, "deliver", "in_doubt", "offered"},
    {kFiling, "deliver", "offered", "in_doubt"},
    {kFiling, "deliver", "offered", "ready"},
    {kFiling, "deliver", "in_doubt", "ready"},
    {kFiling, "deliver", "dead_letter", "ready"},
    {kFiling, "deliver", "offered", "confirmed"},
    {kFiling, "deliver", "ready", "confirmed"},
    {kFiling, "deliver", "in_doubt", "confirmed"},
    {kFiling, "deliver", "refused", "confirmed"},
    {kFiling, "deliver", "dead_letter", "confirmed"},
    {kFiling, "deliver", "offered", "refused"},
    {kFiling, "deliver", "ready", "refused"},
    {kFiling, "deliver", "in_doubt", "refused"},
    {kFiling, "deliver", "dead_letter", "refused"},
    {kFiling, "deliver", "ready", "held"},
    {kFiling, "deliver", "offered", "held"},
    {kFiling, "deliver", "in_doubt", "held"},
    {kFiling, "deliver", "ready", "dead_letter"},
    {kFiling, "deliver", "in_doubt", "dead_letter"},
    {kFiling, "admin", "dead_letter", "ready"},
    {kFiling, "admin", "dead_letter", "in_doubt"},
    {kFiling, "admin", "confirmed", "in_doubt"},
    {kFiling, "draft", "dead_letter", "in_doubt"},
    {kFiling, "deliver", "offered", "replaced"},
    {kFiling, "deliver", "in_doubt", "replaced"},
    {kFiling, "deliver", "dead_letter", "replaced"},
    {kFiling, "deliver", "held", "replaced"},
    {kFiling, "deliver", "refused", "replaced"},
    {kFiling, "deliver", "ready", "replaced"},
    {kFiling, "deliver", "confirmed", "replaced"},
    {kFiling, "deliver", "accepted", "replaced"},
    {kFiling, "deliver", "rejected", "replaced"},
    {kFiling, "answer", "ready", "accepted"},
    {kFiling, "answer", "ready", "rejected"},
    {kFiling, "answer", "ready", "released"},
    {kFiling, "answer", "offered", "accepted"},
    {kFiling, "answer", "offered", "rejected"},
    {kFiling, "answer", "offered", "released"},
    {kFiling, "answer", "in_doubt", "accepted"},
    {kFiling, "answer", "in_doubt", "rejected"},
    {kFiling, "answer", "in_doubt", "released"},
    {kFiling, "answer", "dead_letter", "accepted"},
    {kFiling, "answer", "dead_letter", "rejected"},
    {kFiling, "answer", "dead_letter", "released"},
    {kFiling, "answer", "confirmed", "accepted"},
    {kFiling, "answer", "confirmed", "rejected"},
    {kFiling, "answer", "confirmed", "released"},
    {kFiling, "answer", "accepted", "rejected"},
    {kFiling, "answer", "accepted", "released"},
    {kFiling, "answer", "rejected", "accepted"},
    {kFiling, "answer", "rejected", "released"},
    {kFiling, "draft", "held", "replaced"},
    {kFiling, "draft", "ready", "replaced"},
    {kFiling, "draft", "refused", "replaced"},
    {kFiling, "draft", "dead_letter", "replaced"},
    {kFiling, "draft", "confirmed", "replaced"},
    {kFiling, "draft", "accepted", "replaced"},
    {kFiling, "draft", "rejected", "replaced"},
    {kFiling, "join", "held", "replaced"},
    {kFiling, "join", "ready", "replaced"},
    {kFiling, "join", "refused", "replaced"},
    {kFiling, "join", "dead_letter", "replaced"},
    {kFiling, "join", "held", "cancelled"},
    {kFiling, "join", "ready", "cancelled"},
    {kFiling, "join", "refused", "cancelled"},
    {kFiling, "join", "dead_letter", "cancelled"},
    {kFiling, "join", "confirmed", "cancelled"},
    {kFiling, "join", "accepted", "cancelled"},
    {kFiling, "join", "rejected", "cancelled"},
    {kFiling, "draft", "held", "cancelled"},
    {kFiling, "draft", "ready", "cancelled"},
    {kFiling, "draft", "refused", "cancelled"},
    {kFiling, "draft", "dead_letter", "cancelled"},
    {kFiling, "draft", "confirmed", "cancelled"},
    {kFiling, "draft", "accepted", "cancelled"},
    {kFiling, "draft", "rejected", "cancelled"},

    {kChannel, "admin", "", "paused"},
    {kChannel, "admin", "open", "paused"},
    {kChannel, "admin", "paused", "open"},
});

// object, state, terminal, owner, exception, es, en
constexpr auto kStates = std::to_array<StateRow>({
    {kDocument, "received", false, "gateway", false, "recibido, por leer", "received, to be read"},
    {kDocument, "read", false, "gateway", false, "leído y válido, por unir a su embarque",
     "read and valid, to be joined to its shipment"},
    {kDocument, "quarantined", false, "ops", true, "apartado: su lectura falló repetidamente",
     "set apart: reading it failed repeatedly"},
    {kDocument, "rejected", true, "sender", false, "rechazado; los hallazgos dicen por qué",
     "rejected; the findings say why"},
    {kDocument, "joined", true, "", false, "unido a su embarque", "joined to its shipment"},
    {kDocument, "kept", true, "", false, "conservado; no forma parte de un cruce", "kept; not part of a crossing"},
    {kDocument, "superseded", true, "", false, "sustituido por una versión posterior", "superseded by a later version"},
    {kDocument, "cancelled", true, "", false, "cancelado", "cancelled"},
    {kDocument, "applied", true, "", false, "aplicado a su presentación", "applied to its filing"},
    {kDocument, "unmatched", false, "ops", true, "conservado, sin presentación que le corresponda",
     "kept, no filing found that it belongs to"},

    {kShipment, "gathering", false, "sender", true, "reuniendo documentos; falta lo indicado",
     "gathering documents; what is named is missing"},
    {kShipment, "drafted", false, "filer", false, "redactado; sus presentaciones van en camino",
     "drafted; its filings are on their way"},
    {kShipment, "held", false, "sender", true, "detenido; una persona debe actuar", "held; a person must act"},
    {kShipment, "filed", false, "filer", false, "todas sus presentaciones confirmadas", "all its filings confirmed"},
    {kShipment, "closed", true, "", false, "concluido: todo liberado por CBP", "closed: all released by CBP"},
    {kShipment, "merged", true, "", false, "unido a otro embarque", "merged into another shipment"},
    {kShipment, "cancelled", true, "", false, "cancelado", "cancelled"},

    {kFiling, "held", false, "sender", true, "detenida; una persona debe actuar", "held; a person must act"},
    {kFiling, "ready", false, "gateway", false, "lista para entregarse", "ready to be offered"},
    {kFiling, "offered", false, "filer", false, "ofrecida; se espera la confirmación del agente",
     "offered; the filer's confirmation is awaited"},
    {kFiling, "in_doubt", false, "gateway", false,
     "en duda: se ofreció y no hubo respuesta; se ofrece otra vez con la misma ficha",
     "in doubt: it was offered and not answered; it is offered again under the same token"},
    {kFiling, "dead_letter", false, "ops", true, "no entregada en su plazo; operaciones debe actuar",
     "not delivered in time; operations must act"},
    {kFiling, "confirmed", false, "filer", false, "confirmada por el agente; se espera la respuesta de CBP",
     "confirmed by the filer; CBP's answer is awaited"},
    {kFiling, "refused", false, "sender", true, "rehusada por el agente; una persona debe actuar",
     "refused by the filer; a person must act"},
    {kFiling, "accepted", false, "", false, "aceptada por CBP", "accepted by CBP"},
    {kFiling, "rejected", false, "filer", true, "rechazada por CBP", "rejected by CBP"},
    {kFiling, "released", true, "", false, "liberada por CBP", "released by CBP"},
    {kFiling, "replaced", true, "", false, "reemplazada por una revisión posterior", "replaced by a newer revision"},
    {kFiling, "cancelled", true, "", false, "cancelada", "cancelled"},

    {kChannel, "open", false, "", false, "abierto", "open"},
    {kChannel, "paused", false, "ops", true, "en pausa por orden de una persona; no se le ofrece nada nuevo",
     "paused by a person's order; nothing new is offered to it"},
});

constexpr bool has_state(std::string_view object, std::string_view state) {
  return std::any_of(kStates.begin(), kStates.end(),
                     [&](const StateRow& row) { return row.object == object && row.state == state; });
}

constexpr bool every_transition_names_states() {
  return std::all_of(kTransitions.begin(), kTransitions.end(), [](const Transition& row) {
    return (row.from.empty() || has_state(row.object, row.from)) && has_state(row.object, row.to);
  });
}
static_assert(every_transition_names_states(), "a transition names a state that has no row");

}  // namespace

std::span<const Transition> transitions() { return kTransitions; }

std::span<const StateRow> states() { return kStates; }

bool allowed(std::string_view object, std::string_view verb, std::string_view from, std::string_view to) {
  if (from == to) return has_state(object, to);
  return std::any_of(kTransitions.begin(), kTransitions.end(), [&](const Transition& row) {
    return row.object == object && row.verb == verb && row.from == from && row.to == to;
  });
}

const StateRow* state_row(std::string_view object, std::string_view state) {
  const auto* found = std::find_if(kStates.begin(), kStates.end(),
                                   [&](const StateRow& row) { return row.object == object && row.state == state; });
  return found == kStates.end() ? nullptr : found;
}

}  // namespace puente::ledger
