// The documents that the cases of the rules change: each obeys every rule when the lists of the tests are loaded.
// Bare XML (edited_document.h): nobody's shipment.
#pragma once

#include <array>
#include <string_view>

namespace puente::sat {

struct BaseDocument {
  std::string_view name;
  std::string_view from;  // "": `made` is the XML, else edits of that base
  std::string_view made;
};

// clang-format off
inline constexpr BaseDocument kBaseDocuments[] = {
    // ---- CFDI 4.0 alone
    {"invoice", "", R"(
<Comprobante Version="4.0" Serie="A" Folio="17" Fecha="2026-03-02T10:00:00" Sello="c2VsbG8=" NoCertificado="30001000000500003416" Certificado="Y2VydA==" FormaPago="03" SubTotal="1200.00" Descuento="50.00" Moneda="MXN" Total="1127.33" TipoDeComprobante="I" Exportacion="01" MetodoPago="PUE" LugarExpedicion="64000">
  <Emisor Rfc="EKU9003173C9" Nombre="ESCUELA KEMPER URGATE" RegimenFiscal="601"/>
  <Receptor Rfc="URE180429TM6" Nombre="UNIVERSIDAD ROBOTICA ESPAÑOLA" DomicilioFiscalReceptor="66600" RegimenFiscalReceptor="601" UsoCFDI="G03"/>
  <Conceptos>
    <Concepto ClaveProdServ="10101500" NoIdentificacion="P-1" Cantidad="2" ClaveUnidad="H87" Descripcion="Uno" ValorUnitario="500.00" Importe="1000.00" ObjetoImp="02">
      <Impuestos>
        <Traslados><Traslado Base="1000.00" Impuesto="002" TipoFactor="Tasa" TasaOCuota="0.160000" Importe="160.00"/></Traslados>
        <Retenciones>
          <Retencion Base="1000.00" Impuesto="001" TipoFactor="Tasa" TasaOCuota="0.100000" Importe="100.00"/>
          <Retencion Base="1000.00" Impuesto="002" TipoFactor="Tasa" TasaOCuota="0.106667" Importe="106.67"/>
        </Retenciones>
      </Impuestos>
    </Concepto>
    <Concepto ClaveProdServ="10101500" Cantidad="1" ClaveUnidad="H87" Descripcion="Dos" ValorUnitario="200.00" Importe="200.00" Descuento="50.00" ObjetoImp="02">
      <Impuestos><Traslados><Traslado Base="150.00" Impuesto="002" TipoFactor="Tasa" TasaOCuota="0.160000" Importe="24.00"/></Traslados></Impuestos>
    </Concepto>
  </Conceptos>
  <Impuestos TotalImpuestosRetenidos="206.67" TotalImpuestosTrasladados="184.00">
    <Retenciones><Retencion Impuesto="001" Importe="100.00"/><Retencion Impuesto="002" Importe="106.67"/></Retenciones>
    <Traslados><Traslado Base="1150.00" Impuesto="002" TipoFactor="Tasa" TasaOCuota="0.160000" Importe="184.00"/></Traslados>
  </Impuestos>
</Comprobante>)"},
    {"freight", "", R"(
<Comprobante Version="4.0" Serie="A" Folio="18" Fecha="2026-03-02T10:00:00" Sello="c2VsbG8=" NoCertificado="30001000000500003416" Certificado="Y2VydA==" FormaPago="03" SubTotal="100.00" Moneda="MXN" Total="112.00" TipoDeComprobante="I" Exportacion="01" MetodoPago="PUE" LugarExpedicion="64000">
  <Emisor Rfc="EKU9003173C9" Nombre="ESCUELA KEMPER URGATE" RegimenFiscal="601"/>
  <Receptor Rfc="URE180429TM6" Nombre="UNIVERSIDAD ROBOTICA ESPAÑOLA" DomicilioFiscalReceptor="66600" RegimenFiscalReceptor="601" UsoCFDI="G03"/>
  <Conceptos>
    <Concepto ClaveProdServ="78101802" Cantidad="1.000000" ClaveUnidad="E54" Descripcion="Flete" ValorUnitario="100.00" Importe="100.00" ObjetoImp="02">
      <Impuestos>
        <Traslados><Traslado Base="100.00" Impuesto="002" TipoFactor="Tasa" TasaOCuota="0.160000" Importe="16.00"/></Traslados>
        <Retenciones><Retencion Base="100.00" Impuesto="002" TipoFactor="Tasa" TasaOCuota="0.040000" Importe="4.00"/></Retenciones>
      </Impuestos>
    </Concepto>
  </Conceptos>
  <Impuestos TotalImpuestosRetenidos="4.00" TotalImpuestosTrasladados="16.00">
    <Retenciones><Retencion Impuesto="002" Importe="4.00"/></Retenciones>
    <Traslados><Traslado Base="100.00" Impuesto="002" TipoFactor="Tasa" TasaOCuota="0.160000" Importe="16.00"/></Traslados>
  </Impuestos>
</Comprobante>)"},
    {"untaxed", "freight", "drop Concepto/Impuestos; drop /Impuestos; Concepto@ObjetoImp=01; @Total=100.00"},
    {"exempt", "freight", "drop Concepto/Retenciones; drop /Impuestos/Retenciones; drop /Impuestos@TotalImpuestosRetenidos;"
     "drop /Impuestos@TotalImpuestosTrasladados; @Total=100.00;"
     "Concepto/Traslado@TipoFactor=Exento; drop Concepto/Traslado@TasaOCuota; drop Concepto/Traslado@Importe;"
     "/Impuestos/Traslado@TipoFactor=Exento; drop /Impuestos/Traslado@TasaOCuota; drop /Impuestos/Traslado@Importe"},
    {"zero-rate", "exempt", "/Impuestos@TotalImpuestosTrasladados=0.00;"
     "Concepto/Traslado@TipoFactor=Tasa; Concepto/Traslado@TasaOCuota=0.000000; Concepto/Traslado@Importe=0.00;"
     "/Impuestos/Traslado@TipoFactor=Tasa; /Impuestos/Traslado@TasaOCuota=0.000000; /Impuestos/Traslado@Importe=0.00"},
    {"quota", "zero-rate", "/Impuestos@TotalImpuestosTrasladados=50.00; @Total=150.00;"
     "Concepto/Traslado@Impuesto=003; Concepto/Traslado@TipoFactor=Cuota; Concepto/Traslado@TasaOCuota=0.500000; Concepto/Traslado@Importe=50.00;"
     "/Impuestos/Traslado@Impuesto=003; /Impuestos/Traslado@TipoFactor=Cuota; /Impuestos/Traslado@TasaOCuota=0.500000; /Impuestos/Traslado@Importe=50.00"},
    {"global", "untaxed", "add <InformacionGlobal Periodicidad=\"04\" Meses=\"02\" Año=\"2026\"/>; Receptor@Rfc=XAXX010101000;"
     "Receptor@Nombre=PUBLICO EN GENERAL; Receptor@DomicilioFiscalReceptor=64000; Receptor@RegimenFiscalReceptor=616; Receptor@UsoCFDI=S01"},
    {"natural", "untaxed", "Emisor@Rfc=XAMA620210DQ5; Emisor@RegimenFiscal=612; Receptor@Rfc=CACX7605101P8; Receptor@RegimenFiscalReceptor=605; Receptor@UsoCFDI=D01"},
    {"foreign", "untaxed", "Receptor@Rfc=XEXX010101000; Receptor@DomicilioFiscalReceptor=64000; Receptor@RegimenFiscalReceptor=616; Receptor@UsoCFDI=S01;"
     "Receptor@ResidenciaFiscal=USA; Receptor@NumRegIdTrib=123456789"},
    {"transfer", "untaxed", "@TipoDeComprobante=T; drop @FormaPago; drop @MetodoPago; @SubTotal=0; @Total=0; Receptor@UsoCFDI=S01;"
     "Concepto@ClaveProdServ=10101500; Concepto@ValorUnitario=0; Concepto@Importe=0"},
    {"payment", "transfer", "@TipoDeComprobante=P; @Moneda=XXX; Receptor@UsoCFDI=CP01; Concepto@ClaveProdServ=84111506; Concepto@ClaveUnidad=ACT"},

    // ---- Carta Porte 3.1
    {"road", "freight", R"(add <Complemento>
  <CartaPorte Version="3.1" IdCCP="CCC1a2b3-4c5d-4e6f-8a9b-0c1d2e3f4a5b" TranspInternac="No" TotalDistRec="245.50">
    <Ubicaciones>
      <Ubicacion TipoUbicacion="Origen" IDUbicacion="OR000001" RFCRemitenteDestinatario="EKU9003173C9" FechaHoraSalidaLlegada="2026-03-03T06:00:00">
        <Domicilio Calle="AV INDUSTRIAL" Colonia="0001" Localidad="01" Municipio="006" Estado="NLE" Pais="MEX" CodigoPostal="66600"/>
      </Ubicacion>
      <Ubicacion TipoUbicacion="Destino" IDUbicacion="DE000001" RFCRemitenteDestinatario="URE180429TM6" FechaHoraSalidaLlegada="2026-03-03T14:00:00" DistanciaRecorrida="245.50">
        <Domicilio Calle="CARRETERA" Municipio="027" Estado="TAM" Pais="MEX" CodigoPostal="88000"/>
      </Ubicacion>
    </Ubicaciones>
    <Mercancias PesoBrutoTotal="1000.000" UnidadPeso="KGM" NumTotalMercancias="2">
      <Mercancia BienesTransp="26121600" Descripcion="ARNESES" Cantidad="200" ClaveUnidad="H87" PesoEnKg="600.000"/>
      <Mercancia BienesTransp="26121600" Descripcion="CABLES" Cantidad="20" ClaveUnidad="H87" PesoEnKg="400.000"/>
      <Autotransporte PermSCT="TPAF01" NumPermisoSCT="P-0001">
        <IdentificacionVehicular ConfigVehicular="T3S2" PesoBrutoVehicular="28.50" PlacaVM="12AB3C" AnioModeloVM="2021"/>
        <Seguros AseguraRespCivil="ASEGURADORA DE PRUEBA" PolizaRespCivil="POL-000001"/>
        <Remolques><Remolque SubTipoRem="CTR007" Placa="45UV6W"/></Remolques>
      </Autotransporte>
    </Mercancias>
    <FiguraTransporte><TiposFigura TipoFigura="01" RFCFigura="XAMA620210DQ5" NumLicencia="LIC0000001" NombreFigura="OPERADOR DE PRUEBA"/></FiguraTransporte>
  </CartaPorte>
</Complemento>)"},
    {"road-transfer", "road", "drop Concepto/Impuestos; drop /Impuestos; Concepto@ObjetoImp=01; @TipoDeComprobante=T; drop @FormaPago; drop @MetodoPago;"
     "@SubTotal=0; @Total=0; @Moneda=XXX; Receptor@Rfc=EKU9003173C9; Receptor@Nombre=ESCUELA KEMPER URGATE; Receptor@UsoCFDI=S01;"
     "Concepto@ClaveProdServ=26121600; Concepto@ValorUnitario=0; Concepto@Importe=0"},
    {"whole-pesos", "road", "@SubTotal=100; @Total=100; drop /Impuestos; drop Concepto/Impuestos; Concepto@ObjetoImp=01"},
    {"exit", "road", "CartaPorte@TranspInternac=Sí; CartaPorte@EntradaSalidaMerc=Salida; CartaPorte@PaisOrigenDestino=USA; CartaPorte@ViaEntradaSalida=01;"
     "add CartaPorte <RegimenesAduaneros><RegimenAduaneroCCP RegimenAduanero=\"EXD\"/></RegimenesAduaneros>;"
     "Ubicacion[2]@RFCRemitenteDestinatario=XEXX010101000; Ubicacion[2]@NumRegIdTrib=123456789; Ubicacion[2]@ResidenciaFiscal=USA;"
     "Ubicacion[2]/Domicilio@Municipio=LAREDO; Ubicacion[2]/Domicilio@Estado=TX; Ubicacion[2]/Domicilio@Pais=USA; Ubicacion[2]/Domicilio@CodigoPostal=78045;"
     "Mercancia[1]@TipoMateria=03; Mercancia[2]@TipoMateria=01;"
     "Mercancia[1]@FraccionArancelaria=8544309901;"
     "add Mercancia[1] <CantidadTransporta Cantidad=\"200\" IDOrigen=\"OR000001\" IDDestino=\"DE000001\"/>"},
    {"entry", "road", "CartaPorte@TranspInternac=Sí; CartaPorte@EntradaSalidaMerc=Entrada; CartaPorte@PaisOrigenDestino=USA; CartaPorte@ViaEntradaSalida=01;"
     "add CartaPorte <RegimenesAduaneros><RegimenAduaneroCCP RegimenAduanero=\"IMD\"/></RegimenesAduaneros>;"
     "Ubicacion[1]@RFCRemitenteDestinatario=XEXX010101000; Ubicacion[1]@NumRegIdTrib=123456789; Ubicacion[1]@ResidenciaFiscal=USA;"
     "Ubicacion[1]/Domicilio@Colonia=Centro; Ubicacion[1]/Domicilio@Localidad=Laredo; Ubicacion[1]/Domicilio@Municipio=Webb; Ubicacion[1]/Domicilio@Estado=TX; Ubicacion[1]/Domicilio@Pais=USA; Ubicacion[1]/Domicilio@CodigoPostal=78045;"
     "Mercancia[1]@TipoMateria=03; Mercancia[2]@TipoMateria=01;"
     "add Mercancia[1] <DocumentacionAduanera TipoDocumento=\"01\" NumPedimento=\"26  24  3001  6000123\" RFCImpo=\"URE180429TM6\"/>;"
     "add Mercancia[2] <DocumentacionAduanera TipoDocumento=\"12\" IdentDocAduanero=\"ATA-1\"/>"},
    {"hazmat", "road", "Mercancia[1]@BienesTransp=12131500; Mercancia[1]@MaterialPeligroso=Sí; Mercancia[1]@CveMaterialPeligroso=1993; Mercancia[1]@Embalaje=1A1;"
     "Seguros@AseguraMedAmbiente=ASEGURADORA VERDE; Seguros@PolizaMedAmbiente=VERDE-1"},
    {"rail", "road", R"(drop Autotransporte; drop FiguraTransporte; drop Ubicaciones; CartaPorte@TotalDistRec=500;
  add CartaPorte <Ubicaciones>
      <Ubicacion TipoUbicacion="Origen" IDUbicacion="OR000001" RFCRemitenteDestinatario="EKU9003173C9" NumEstacion="Q0736" NombreEstacion="SANTO NINO" FechaHoraSalidaLlegada="2026-03-03T06:00:00" TipoEstacion="01">
        <Domicilio Calle="AV INDUSTRIAL" Municipio="006" Estado="NLE" Pais="MEX" CodigoPostal="66600"/>
      </Ubicacion>
      <Ubicacion TipoUbicacion="Destino" IDUbicacion="DE000001" RFCRemitenteDestinatario="EKU9003173C9" NumEstacion="SC283" NombreEstacion="HUAXTITLA" FechaHoraSalidaLlegada="2026-03-03T07:00:00" TipoEstacion="02" DistanciaRecorrida="100"/>
      <Ubicacion TipoUbicacion="Destino" IDUbicacion="DE000002" RFCRemitenteDestinatario="EKU9003173C9" NumEstacion="TG0" NombreEstacion="NAVOJOA" FechaHoraSalidaLlegada="2026-03-03T08:00:00" TipoEstacion="02" DistanciaRecorrida="100"/>
      <Ubicacion TipoUbicacion="Destino" IDUbicacion="DE000003" RFCRemitenteDestinatario="EKU9003173C9" NumEstacion="E0029" NombreEstacion="TRES JAGUEYES" FechaHoraSalidaLlegada="2026-03-03T09:00:00" TipoEstacion="02" DistanciaRecorrida="100"/>
      <Ubicacion TipoUbicacion="Destino" IDUbicacion="DE000004" RFCRemitenteDestinatario="EKU9003173C9" NumEstacion="TI032" NombreEstacion="NAVOLATO" FechaHoraSalidaLlegada="2026-03-03T10:00:00" TipoEstacion="02" DistanciaRecorrida="100"/>
      <Ubicacion TipoUbicacion="Destino" IDUbicacion="DE000005" RFCRemitenteDestinatario="URE180429TM6" NumEstacion="JM047" NombreEstacion="HUEHUETOCA" FechaHoraSalidaLlegada="2026-03-03T11:00:00" TipoEstacion="03" DistanciaRecorrida="100">
        <Domicilio Calle="CARRETERA" Municipio="027" Estado="TAM" Pais="MEX" CodigoPostal="88000"/>
      </Ubicacion>
    </Ubicaciones>;
  Mercancias@PesoNetoTotal=15.500;
  add Mercancias <TransporteFerroviario TipoDeServicio="TS01" TipoDeTrafico="TT01">
      <DerechosDePaso TipoDerechoDePaso="CDP114" KilometrajePagado="100"/>
      <Carro TipoCarro="TC05" MatriculaCarro="A00012" GuiaCarro="123ASD" ToneladasNetasCarro="10.000"/>
      <Carro TipoCarro="TC05" MatriculaCarro="A00013" GuiaCarro="124ASD" ToneladasNetasCarro="5.500"/>
    </TransporteFerroviario>)"},
    {"rail-boxes", "rail", "TransporteFerroviario@TipoDeServicio=TS02;"
     "add Carro[1] <Contenedor TipoContenedor=\"TC01\" PesoContenedorVacio=\"2200\" PesoNetoMercancia=\"6000\"/>;"
     "add Carro[1] <Contenedor TipoContenedor=\"TC01\" PesoContenedorVacio=\"2200\" PesoNetoMercancia=\"4000\"/>;"
     "add Carro[2] <Contenedor TipoContenedor=\"TC02\" PesoContenedorVacio=\"3700\" PesoNetoMercancia=\"5500\"/>"},
    {"sea", "road", R"(drop Autotransporte; drop FiguraTransporte; drop CartaPorte@TotalDistRec; drop Ubicacion[2]@DistanciaRecorrida;
  Ubicacion[1]@NumEstacion=PM001; Ubicacion[1]@NombreEstacion=Rosarito; Ubicacion[1]@NavegacionTrafico=Altura; Ubicacion[1]@TipoEstacion=01;
  Ubicacion[2]@NumEstacion=PM002; Ubicacion[2]@NombreEstacion=La Misión; Ubicacion[2]@NavegacionTrafico=Cabotaje; Ubicacion[2]@TipoEstacion=03;
  Mercancias@PesoBrutoTotal=1030.000; Mercancias@PesoNetoTotal=980.000;
  add Mercancia[1] <DetalleMercancia UnidadPesoMerc="KGM" PesoBruto="620" PesoNeto="590" PesoTara="30"/>;
  add Mercancia[2] <DetalleMercancia UnidadPesoMerc="KGM" PesoBruto="410" PesoNeto="390" PesoTara="20"/>;
  add Mercancias <TransporteMaritimo TipoEmbarcacion="B01" Matricula="MAT00001" NumeroOMI="IMO1234567" NacionalidadEmbarc="MEX" UnidadesDeArqBruto="100" TipoCarga="CGC" NombreAgenteNaviero="AGENTE" NumAutorizacionNaviero="ANC001/2022">
      <Contenedor TipoContenedor="CM006" MatriculaContenedor="ABCU1234567" NumPrecinto="SELLO1"/>
      <Contenedor TipoContenedor="CM011" IdCCPRelacionado="CCC1a2b3-4c5d-4e6f-8a9b-0c1d2e3f4a5c" PlacaVMCCP="12AB3D" FechaCertificacionCCP="2026-03-01T09:00:00">
        <RemolquesCCP><RemolqueCCP SubTipoRemCCP="CTR007" PlacaCCP="45UV6X"/></RemolquesCCP>
      </Contenedor>
    </TransporteMaritimo>)"},
    {"air", "road", R"(drop Autotransporte; drop FiguraTransporte; drop CartaPorte@TotalDistRec; drop Ubicacion[2]@DistanciaRecorrida;
  Ubicacion[1]@NumEstacion=EA0417; Ubicacion[1]@NombreEstacion=Loreto; Ubicacion[1]@TipoEstacion=01;
  Ubicacion[2]@NumEstacion=EA0418; Ubicacion[2]@NombreEstacion=Los Cabos; Ubicacion[2]@TipoEstacion=03;
  Mercancia[1]@ValorMercancia=5040; Mercancia[1]@Moneda=USD; Mercancia[2]@ValorMercancia=100; Mercancia[2]@Moneda=MXN;
  add Mercancias <TransporteAereo PermSCT="TPTA01" NumPermisoSCT="P-1" NumeroGuia="803117555500" CodigoTransportista="CA001" RFCEmbarcador="EKU9003173C9"/>)"},
    // Road and sea: both kinds of weight come to the same.
    {"intermodal", "road", R"(Concepto@ClaveProdServ=78101904;
  Ubicacion[2]@NumEstacion=PM001; Ubicacion[2]@NombreEstacion=Rosarito; Ubicacion[2]@TipoEstacion=03; Ubicacion[1]@TipoEstacion=01;
  Mercancias@PesoNetoTotal=950;
  add Mercancia[1] <CantidadTransporta Cantidad="200" IDOrigen="OR000001" IDDestino="DE000001" CvesTransporte="01"/>;
  add Mercancia[1] <DetalleMercancia UnidadPesoMerc="KGM" PesoBruto="600" PesoNeto="570" PesoTara="30"/>;
  add Mercancia[2] <DetalleMercancia UnidadPesoMerc="KGM" PesoBruto="400" PesoNeto="380" PesoTara="20"/>;
  add Mercancias <TransporteMaritimo TipoEmbarcacion="B01" Matricula="MAT00001" NumeroOMI="IMO1234567" NacionalidadEmbarc="MEX" UnidadesDeArqBruto="100" TipoCarga="CGS" NombreAgenteNaviero="AGENTE" NumAutorizacionNaviero="ANC001/2022"/>)"},

    // ---- Comercio Exterior 2.0
    {"export", "", R"(
<Comprobante Version="4.0" Serie="E" Folio="1" Fecha="2026-03-02T10:00:00" Sello="c2VsbG8=" NoCertificado="30001000000500003416" Certificado="Y2VydA==" FormaPago="99" SubTotal="6040.00" Moneda="USD" TipoCambio="17.1500" Total="6040.00" TipoDeComprobante="I" Exportacion="02" MetodoPago="PPD" LugarExpedicion="64000">
  <Emisor Rfc="EKU9003173C9" Nombre="ESCUELA KEMPER URGATE" RegimenFiscal="601"/>
  <Receptor Rfc="XEXX010101000" Nombre="SYNTHETIC RECEIVER INC" DomicilioFiscalReceptor="64000" ResidenciaFiscal="USA" NumRegIdTrib="123456789" RegimenFiscalReceptor="616" UsoCFDI="S01"/>
  <Conceptos>
    <Concepto ClaveProdServ="26121600" NoIdentificacion="HAR-001" Cantidad="200" ClaveUnidad="H87" Descripcion="ARNESES" ValorUnitario="25.20" Importe="5040.00" ObjetoImp="02">
      <Impuestos><Traslados><Traslado Base="5040.00" Impuesto="002" TipoFactor="Tasa" TasaOCuota="0.000000" Importe="0.00"/></Traslados></Impuestos>
    </Concepto>
    <Concepto ClaveProdServ="26121600" NoIdentificacion="CAB-002" Cantidad="100" ClaveUnidad="KGM" Descripcion="CABLE" ValorUnitario="10.00" Importe="1000.00" ObjetoImp="02">
      <Impuestos><Traslados><Traslado Base="1000.00" Impuesto="002" TipoFactor="Tasa" TasaOCuota="0.000000" Importe="0.00"/></Traslados></Impuestos>
    </Concepto>
  </Conceptos>
  <Impuestos TotalImpuestosTrasladados="0.00">
    <Traslados><Traslado Base="6040.00" Impuesto="002" TipoFactor="Tasa" TasaOCuota="0.000000" Importe="0.00"/></Traslados>
  </Impuestos>
  <Complemento>
    <ComercioExterior Version="2.0" ClaveDePedimento="A1" CertificadoOrigen="0" Incoterm="DAP" TipoCambioUSD="17.1500" TotalUSD="6040.00">
      <Emisor><Domicilio Calle="AV INDUSTRIAL" Colonia="0001" Localidad="01" Municipio="006" Estado="NLE" Pais="MEX" CodigoPostal="66600"/></Emisor>
      <Receptor><Domicilio Calle="MINES RD" Municipio="LAREDO" Estado="TX" Pais="USA" CodigoPostal="78045"/></Receptor>
      <Mercancias>
        <Mercancia NoIdentificacion="HAR-001" FraccionArancelaria="8544309901" CantidadAduana="1800.000" UnidadAduana="01" ValorUnitarioAduana="2.80" ValorDolares="5040.00"/>
        <Mercancia NoIdentificacion="CAB-002" FraccionArancelaria="8544309901" CantidadAduana="100.000" UnidadAduana="01" ValorUnitarioAduana="10.00" ValorDolares="1000.00"/>
      </Mercancias>
    </ComercioExterior>
  </Complemento>
</Comprobante>)"},
    {"export-plain", "export", "drop ComercioExterior/Mercancia[1]@CantidadAduana; drop ComercioExterior/Mercancia[1]@UnidadAduana; drop ComercioExterior/Mercancia[1]@ValorUnitarioAduana;"
     "drop ComercioExterior/Mercancia[2]@CantidadAduana; drop ComercioExterior/Mercancia[2]@UnidadAduana; drop ComercioExterior/Mercancia[2]@ValorUnitarioAduana;"
     "Concepto[1]@ClaveUnidad=KGM"},
    {"export-transfer", "export", "@TipoDeComprobante=T; drop @FormaPago; drop @MetodoPago; drop @TipoCambio; @Moneda=XXX; @SubTotal=0; @Total=0; drop /Impuestos;"
     "drop Concepto[1]/Impuestos; Concepto[1]@ObjetoImp=01; Concepto[1]@ValorUnitario=0; Concepto[1]@Importe=0;"
     "drop Concepto[2]/Impuestos; Concepto[2]@ObjetoImp=01; Concepto[2]@ValorUnitario=0; Concepto[2]@Importe=0;"
     "ComercioExterior@MotivoTraslado=02"},
    {"owned", "export-transfer", "ComercioExterior@MotivoTraslado=05; add ComercioExterior <Propietario NumRegIdTrib=\"987654321\" ResidenciaFiscal=\"USA\"/>"},
    {"addressee", "export", "add ComercioExterior <Destinatario NumRegIdTrib=\"987654321\" Nombre=\"CONSIGNEE INC\"><Domicilio Calle=\"DOCK RD\" Municipio=\"LAREDO\" Estado=\"TX\" Pais=\"USA\" CodigoPostal=\"78045-1234\"/></Destinatario>"},
    {"to-mexico", "addressee", "Receptor@Rfc=URE180429TM6; Receptor@RegimenFiscalReceptor=601; Receptor@UsoCFDI=G03; drop Receptor@ResidenciaFiscal; drop Receptor@NumRegIdTrib;"
     "ComercioExterior/Receptor/Domicilio@Colonia=0001; ComercioExterior/Receptor/Domicilio@Localidad=01; ComercioExterior/Receptor/Domicilio@Municipio=006;"
     "ComercioExterior/Receptor/Domicilio@Estado=NLE; ComercioExterior/Receptor/Domicilio@Pais=MEX; ComercioExterior/Receptor/Domicilio@CodigoPostal=66600;"
     "drop Destinatario@NumRegIdTrib; Destinatario/Domicilio@Colonia=0001; Destinatario/Domicilio@Localidad=01; Destinatario/Domicilio@Municipio=006;"
     "Destinatario/Domicilio@Estado=NLE; Destinatario/Domicilio@Pais=MEX; Destinatario/Domicilio@CodigoPostal=66600"},
};
// clang-format on

// The SAT's lists that are loaded, not embedded: as many rows as the cases need.
struct SmallList {
  std::string_view name, csv;
};
inline constexpr SmallList kSmallLists[] = {
    {"c_ClaveProdServ",
     "clave\n10101500\n26121600\n31181701\n24112700\n78101500\n78101802\n78101900\n78101904\n78101905\n78102205\n"
     "78102206\n78121602\n78121603\n78141500\n78141501\n78141502\n84111506\n84121806\n92121800\n92121802\n92121803\n"},
    {"c_ClaveProdServCP",
     "clave,material_peligroso,vigencia_desde,vigencia_hasta\n26121600,0,2022-01-01,\n12131500,\"0,1\",2022-01-01,\n"
     "12131501,1,2022-01-01,\n12131599,,2022-01-01,\n31181701,0,2022-01-01,\n24112700,0,2022-01-01,\n"},
    {"c_FraccionArancelaria",
     "clave,unidad,vigencia_desde,vigencia_hasta\n8544309901,01,2022-12-12,\n8544300100,01,2022-12-12,2026-03-01\n"
     "8544300200,01,2022-12-12,2026-03-02\n8544300300,01,2026-03-02,\n8544300400,01,2026-03-03,\n"
     "9801000100,01,2022-12-12,\n2402200100,01,2022-12-12,\n8703239901,06,2022-12-12,\n"},
    {"c_CodigoPostal",
     "clave,estado,municipio,localidad,huso\n64000,NLE,039,07,Tiempo del Centro\n66600,NLE,006,01,Tiempo del Centro\n"
     "88000,TAM,027,06,Tiempo del Centro en Frontera\n88990,TAM,027,,Tiempo del Centro en Frontera\n"},
    {"c_Colonia", "clave,codigo_postal,nombre\n0001,66600,Apodaca Centro\n0002,88000,Centro\n"},
    {"c_NumPedimentoAduana",
     "aduana,patente,ejercicio,cantidad,vigencia_desde,vigencia_hasta\n24,3001,2022,123,2022-01-01,2022-12-31\n"},
};

}  // namespace puente::sat
